"""What a bare machine is told: one sentence that names the package and the apt line."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "env", "dirname", "cat", "sha256sum", "cut", "rm", "pwd")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of the scripts on a machine that has next to nothing: no .venv, and only the programs in ``bin``."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def program(folder: Path, name: str, body: str) -> None:
    path = folder / "bin" / name
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


def call(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": str(folder / "bin"), "HOME": str(folder), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_no_make(bare: Path) -> None:
    line = one_line(call(bare, "bash", "scripts/install.sh", "run"))
    assert "apt-get install make" in line


def test_no_python(bare: Path) -> None:
    program(bare, "make", "")
    line = one_line(call(bare, "bash", "scripts/install.sh", "run"))
    assert "Python 3.11" in line
    assert "apt-get install python3" in line


def test_a_python_too_old(bare: Path) -> None:
    program(bare, "make", "")
    program(bare, "python3", "exit 1")  # what «sys.exit(sys.version_info < (3, 11))» comes to
    line = one_line(call(bare, "bash", "scripts/install.sh", "run"))
    assert "Python 3.11" in line


def test_no_venv_module(bare: Path) -> None:
    program(bare, "make", "")
    program(bare, "python3", '[[ "$*" == *ensurepip* ]] && exit 1; exit 0')
    line = one_line(call(bare, "bash", "scripts/install.sh", "run"))
    assert "apt-get install python3-venv" in line
    assert not (bare / ".venv").exists()


def test_a_venv_that_cannot_be_made_leaves_nothing_half_made(bare: Path) -> None:
    program(bare, "make", "")
    program(bare, "python3", 'if [[ "$1" == -m ]]; then mkdir -p .venv/bin; exit 1; fi; exit 0')
    (bare / "bin" / "mkdir").symlink_to(shutil.which("mkdir") or "")
    done = call(bare, "bash", "scripts/install.sh", "run")
    assert done.returncode == 1
    assert not (bare / ".venv").exists()


@pytest.fixture
def taken() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_busy_port_is_said_before_anything_is_installed(bare: Path, taken: int) -> None:
    program(bare, "make", "")
    real = shutil.which("python3", path=os.defpath) or shutil.which("python3") or ""
    (bare / "bin" / "python3").symlink_to(real)
    line = one_line(call(bare, "bash", "scripts/run.sh", PORT=str(taken)))
    assert str(taken) in line
    assert "đang bận" in line
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "65536", "tám nghìn", "80;ls", "-1"])
def test_a_port_that_is_none(bare: Path, port: str) -> None:
    real = shutil.which("python3", path=os.defpath) or shutil.which("python3") or ""
    (bare / "bin" / "python3").symlink_to(real)
    line = one_line(call(bare, "bash", "scripts/run.sh", PORT=port))
    assert "65535" in line


def test_help_names_the_two_commands() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "make run" in done.stdout
    assert "make test" in done.stdout
