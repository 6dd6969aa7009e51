"""``make test`` itself: what it counts, what it says of a leg that cannot run, and how it ends."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


@pytest.fixture
def legs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``scripts/test.py`` as a module."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import importlib.util

    spec = importlib.util.spec_from_file_location("motcua_scripts_test", SCRIPTS / "test.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("second", "status", "last"),
    [
        ({"passed": 2}, 0, "5 passed, 0 failed, 0 skipped"),
        ({"passed": 2, "skipped": 1}, 0, "5 passed, 0 failed, 1 skipped"),
        ({"passed": 1, "failed": 1}, 1, "4 passed, 1 failed, 0 skipped"),
        ({"missing": "no such thing"}, 3, "3 passed, 0 failed, 0 skipped"),
    ],
)
def test_how_it_ends(
    legs: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    second: dict[str, object],
    status: int,
    last: str,
) -> None:
    ran: list[str] = []

    def leg(name: str, **counts: object) -> object:
        ran.append(name)
        return legs.Result(**counts)

    monkeypatch.setattr(
        legs,
        "LEGS",
        {
            "first": lambda: leg("first", passed=1),
            "second": lambda: leg("second", **second),
            "third": lambda: leg("third", passed=2),
        },
    )
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert legs.main() == status
    said = capsys.readouterr().out
    assert ran == ["first", "second", "third"], "the rest runs"
    assert said.strip().splitlines()[-1] == last
    assert ("NOT RUN: second: no such thing" in said) == (status == 3)


def test_a_failure_outweighs_a_missing_leg(legs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        legs, "LEGS", {"a": lambda: legs.Result(missing="gone"), "b": lambda: legs.Result(failed=1, passed=3)}
    )
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert legs.main() == 1


def test_the_counts_are_pytests(legs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "def test_a(): pass\n"
        "def test_b(): assert 0\n"
        "def test_c(): pytest.skip('no')\n"
        "@pytest.fixture\ndef broken(): raise OSError\n"
        "def test_d(broken): pass\n"
    )
    report = tmp_path / "report.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", "-c", os.devnull,
         f"--rootdir={tmp_path}", f"--junitxml={report}", str(tmp_path)],
        capture_output=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    counted = legs.read_report(report)
    assert (counted.passed, counted.failed, counted.skipped) == (1, 2, 1)
    assert [file for file, _ in counted.slowest] == ["test_some"]


def test_a_class_belongs_to_its_file(legs: ModuleType) -> None:
    assert legs.file_of("tests.desk.test_counter.TestCash") == "desk/test_counter"
    assert legs.file_of("tests.desk.test_counter") == "desk/test_counter"


def test_what_ran_beside_is_counted_and_shown(
    legs: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with legs.beside(["browser"]) as wait:
        found = wait()
    assert "/nowhere/chromium" in found["browser"].missing
    assert "NOT RUN: browser: " in capfd.readouterr().out


def test_a_leg_beside_that_cannot_say_how_it_went_has_failed(
    legs: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    with legs.beside(["no such leg"]) as wait:
        found = wait()
    assert found["no such leg"].failed == 1
    said = capfd.readouterr().out
    assert "KeyError" in said
    assert "no such leg: ended with status 1" in said


def test_a_chromium_that_is_not_there_is_a_missing_leg(legs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert "/nowhere/chromium" in legs.run_browser().missing


def test_a_postgresql_that_is_not_there_is_a_missing_leg(legs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    import with_postgres

    monkeypatch.setattr(with_postgres.glob, "glob", lambda pattern: [])
    monkeypatch.setattr(with_postgres.shutil, "which", lambda name: None)
    assert "postgresql" in legs.run_postgresql().missing


def with_postgres_or_skip() -> None:
    sys.path.insert(0, str(SCRIPTS))
    try:
        import with_postgres

        with_postgres.find_bin()
    except with_postgres.NoServer as reason:
        pytest.skip(str(reason))
    finally:
        sys.path.remove(str(SCRIPTS))


def servers() -> set[str]:
    """Process ids of PostgreSQL servers started by these scripts."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"motcua-postgres-" in line and b"listen_addresses" in line:
                found.add(folder.name)
    return found


SHOW = (
    "import os, psycopg; "
    "print(psycopg.connect(os.environ['DATABASE_URL']).execute('SHOW data_directory').fetchone()[0])"
)


def test_the_private_server_is_there_for_its_command_and_gone_after_it() -> None:
    with_postgres_or_skip()
    done = subprocess.run(
        [sys.executable, SCRIPTS / "with_postgres.py", "--", sys.executable, "-c", SHOW + "; raise SystemExit(7)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    folder = Path(done.stdout.strip())
    assert "motcua-postgres-" in str(folder)
    assert not folder.exists()


@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGKILL])
def test_the_private_server_goes_whatever_ends_the_command(blow: signal.Signals) -> None:
    with_postgres_or_skip()
    code = SHOW + "; import sys, time; sys.stdout.flush(); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, SCRIPTS / "with_postgres.py", "--", sys.executable, "-u", "-c", code],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    folder = Path(process.stdout.readline().strip()).parent.name
    try:
        assert folder.startswith("motcua-postgres-")
        os.kill(process.pid, blow)
        process.wait(timeout=40)
        end = time.monotonic() + 20
        while time.monotonic() < end and any(_runs_in(pid, folder) for pid in servers()):
            time.sleep(0.1)
        assert not any(_runs_in(pid, folder) for pid in servers())
    finally:
        # The command itself outlives a kill -9 of its parent; it is ours to end.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        # Nobody is left to sweep up after a kill -9.
        shutil.rmtree(Path(tempfile.gettempdir()) / folder, ignore_errors=True)


def _runs_in(pid: str, folder: str) -> bool:
    try:
        return folder.encode() in (Path("/proc") / pid / "cmdline").read_bytes()
    except OSError:
        return False
