"""The server: it answers, it says plainly why it cannot start, and it lets go of its port."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import free_port

ROOT = Path(__file__).resolve().parents[2]


def command(home: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "motcua.config.cli", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "MOTCUA_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "motcua.config.settings",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(process: subprocess.Popen[str]) -> str:
    """The one line with which a command refused."""
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    return lines[0]


def test_it_answers_until_told_to_stop_and_frees_its_port(site: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(site + "/khong-co-trang-nay/", timeout=10)
    assert answer.value.code == 404
    assert "default-src 'self'" in answer.value.headers["content-security-policy"]


@pytest.mark.parametrize("seconds", [0, 0.5, 3])
def test_ctrl_c_ends_it_and_all_its_workers_however_early_it_comes(
    real_database: str, tmp_path: Path, seconds: float
) -> None:
    port = free_port()
    server = command(tmp_path, real_database, "serve", "--port", str(port))
    assert server.stdout
    assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
    time.sleep(seconds)
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=60)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_a_server_killed_outright_leaves_no_worker_behind(real_database: str, tmp_path: Path) -> None:
    port = free_port()
    server = command(tmp_path, real_database, "serve", "--port", str(port))
    _until(lambda: _answers(port), 60)
    server.kill()
    server.communicate(timeout=30)
    _until(lambda: not _answers(port), 30)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/khong-co-trang-nay/", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.2)


def test_a_busy_port_is_said_in_one_line(real_database: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(command(tmp_path, real_database, "serve", "--port", str(port)))
    assert f"cổng {port} đang bận" in line


def test_an_address_of_another_machine_is_refused(real_database: str, tmp_path: Path) -> None:
    # 192.0.2.0/24 is reserved for documentation and is nobody's.
    assert "192.0.2.1" in refused(command(tmp_path, real_database, "serve", "--host", "192.0.2.1"))


@pytest.mark.pure
def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    line = refused(command(tmp_path, url, "serve", "--port", str(free_port())))
    assert "motcua migrate" in line


@pytest.mark.pure
@pytest.mark.parametrize("port", ["0", "65536", "x", "８０８０", "80.5"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    process = command(tmp_path, "", "serve", "--port", port)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "65535" in errors.strip().splitlines()[-1]


@pytest.mark.pure
def test_the_secret_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    keys = []
    for _ in range(2):
        process = command(tmp_path, "", "check")
        process.communicate(timeout=60)
        keys.append((tmp_path / "secret_key").read_text())
    assert keys[0] == keys[1]
    assert len(keys[0]) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.pure
@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", "postgresql://127.0.0.1:1/none"])
def test_a_database_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, url: str) -> None:
    line = refused(command(tmp_path, url, "migrate"))
    assert line.startswith("motcua migrate: ")


@pytest.mark.pure
def test_without_a_command_it_shows_what_there_is(tmp_path: Path) -> None:
    process = command(tmp_path, "", "--help")
    shown, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    for verb in ("init", "migrate", "serve", "demo", "import-units", "statement", "verify", "tick"):
        assert f"\n  {verb} " in shown


@pytest.mark.pure
def test_an_unknown_command_is_named(tmp_path: Path) -> None:
    process = command(tmp_path, "", "sever")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "«sever»" in errors
    assert len(errors.strip().splitlines()) == 1


@pytest.mark.pure
def test_ways_to_the_program(tmp_path: Path) -> None:
    """The installed command and the module are the same program."""
    installed = Path(sys.executable).parent / "motcua"
    if not installed.exists():
        pytest.skip("motcua is not installed in this environment")
    done = subprocess.run([installed], capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False)
    assert done.returncode == 2
    assert "motcua LỆNH" in done.stdout
    assert shutil.which("motcua", path=str(installed.parent))
