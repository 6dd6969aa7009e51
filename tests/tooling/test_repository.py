"""What is committed: nothing of this machine, no file past its length, no address of a package index."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
LONGEST = 550  # «about 500»: past that a file is telling something


def committed() -> list[Path]:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a clone, or no git to ask")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_path_of_a_machine_and_no_package_index() -> None:
    # Put together here, so that this file does not find itself.
    wrong = re.compile(
        "|".join(["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "pypi", "/opt/" + "wheels", r"--index" + "-url http"])
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in committed()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if wrong.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_source_file_past_its_length() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in committed()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] != "tests"
        and "migrations" not in path.parts
        and (lines := text_of(path).count("\n")) > LONGEST
    }
    assert not found, found


def test_every_dependency_is_pinned_by_hash_without_an_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            assert re.match(r"^[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==\S+", requirement, re.I), requirement[:80]
            assert "--hash=sha256:" in requirement, requirement[:80]


def test_the_development_list_holds_all_of_the_other() -> None:
    """``make test`` after ``make run`` must not change what the office runs on."""
    run, dev = (
        set(re.findall(r"^(\S+==[^\s;]+)", (ROOT / name).read_text(), re.M))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert run <= dev, run - dev


def test_every_test_of_real_data_says_where_it_may_be_absent() -> None:
    """A file that reads the shared folder must skip where there is none."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = text_of(path)
        if "MOTCUA_" + "SHARED" in text:
            assert "skip" in text, path
