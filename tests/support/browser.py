"""A real Chromium before the real server: fixtures ``site``, ``page`` and the helper ``axe``."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import chromium_path

_ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless Chromium a worker. Without one the test fails: ``make test`` leaves such tests out by marker."""
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    if path is None:
        pytest.fail("no Chromium found: apt-get install chromium, or give CHROMIUM=PATH", pytrace=False)
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site_env() -> dict[str, str]:
    """Environment of the server under test; a module overrides it, e.g. ``{"MOTCUA_DEMO": "1"}``."""
    return {}


class Servers:
    """Real servers (``motcua serve``), started when first asked for and ended with the run.

    On SQLite one server serves every test that wants the same environment: the fixture ``real_database`` gives such
    tests one file, made new under the running server before each (``databases.renew``). On PostgreSQL, where a database
    cannot be renewed under those connected to it, each test starts its own.
    """

    def __init__(self, folder: Callable[[], Path]):
        self._folder = folder
        self._running: dict[tuple[tuple[str, str], ...], tuple[subprocess.Popen[bytes], str, Path]] = {}

    def address(self, url: str, env: dict[str, str]) -> str:
        """The address of a server of that database in that environment."""
        key = tuple(sorted({**env, "DATABASE_URL": url}.items()))
        if key in self._running and self._running[key][0].poll() is not None:
            log = self._running.pop(key)[2]
            raise AssertionError(f"the server has ended by itself:\n{log.read_text()}")
        if key not in self._running:
            self._running[key] = self._start(key)
        return self._running[key][1]

    def _start(self, env: tuple[tuple[str, str], ...]) -> tuple[subprocess.Popen[bytes], str, Path]:
        port, folder = free_port(), self._folder()
        log = folder / "serve.log"
        with log.open("w") as output:
            server = subprocess.Popen(
                [sys.executable, "-m", "motcua.config.cli", "serve", "--port", str(port)],
                cwd=_ROOT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "motcua.config.settings",
                    "MOTCUA_HOME": str(folder / "home"),
                    **dict(env),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_until_up(server, address, log)
        except BaseException:
            _end(server)
            raise
        return server, address, log

    def end(self) -> None:
        for server, _, _ in self._running.values():
            server.terminate()
        for server, _, _ in self._running.values():
            _end(server)
        self._running.clear()


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The servers of this worker."""
    started = Servers(lambda: tmp_path_factory.mktemp("site"))
    yield started
    started.end()


@pytest.fixture
def site(real_database: str, site_env: dict[str, str], servers: Servers) -> Iterator[str]:
    """The address of the real server (``motcua serve``) on this test's own database."""
    from tests.support import databases

    try:
        yield servers.address(real_database, site_env)
    finally:
        if databases.ON_POSTGRESQL:
            servers.end()


def _wait_until_up(server: subprocess.Popen[bytes], address: str, log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address + "/dang-nhap/", timeout=5)
            return
        except urllib.error.HTTPError:
            return  # any answer is an answer
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up:\n{log.read_text()}")


@pytest.fixture
def page(chromium: Any, site: str) -> Iterator[Any]:
    """A page in a fresh context, with ``site`` as base address. An error in the page's own script fails the test."""
    context = chromium.new_context(base_url=site, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, f"errors in the page's script: {errors}"


@pytest.fixture
def axe() -> Callable[[Any], None]:
    """``axe(page)`` fails on any serious or critical accessibility finding, and names the elements."""
    from axe_playwright_python.sync_playwright import Axe

    checker = Axe()

    def check(page: Any) -> None:
        violations = checker.run(page).response["violations"]
        bad = [v for v in violations if v["impact"] in ("serious", "critical")]
        if bad:
            lines = [
                f"{v['impact']} {v['id']}: {v['help']}\n"
                + "\n".join(f"    {' '.join(map(str, node['target']))}  {node['html'][:160]}" for node in v["nodes"])
                for v in bad
            ]
            raise AssertionError(f"accessibility of {page.url}:\n" + "\n".join(lines))

    return check
