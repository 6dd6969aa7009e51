"""The plan of the house: imports go only downwards (the contract itself stands in pyproject.toml)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parent.parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_go_only_downwards() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "line", "complaint"),
    [
        ("core", "import motcua.org.models", "motcua.core is not allowed to import motcua.org"),
        ("worktime", "from motcua.dossiers import models", "motcua.worktime is not allowed to import motcua.dossiers"),
        ("reports", "from motcua.desk import urls", "motcua.reports is not allowed to import motcua.desk"),
    ],
)
def test_an_import_upwards_is_found(tmp_path: Path, room: str, line: str, complaint: str) -> None:
    shutil.copytree(ROOT / "motcua", tmp_path / "motcua", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "motcua" / room / "crooked.py").write_text(line + "\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert complaint in done.stdout


def test_a_room_nobody_placed_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "motcua", tmp_path / "motcua", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "motcua" / "attic").mkdir()
    (tmp_path / "motcua" / "attic" / "__init__.py").touch()
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "attic" in done.stdout
