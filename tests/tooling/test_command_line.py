"""The `motcua` command on the lines people mistype: one clear Vietnamese line, and an exit status that is not 0."""

import os
import subprocess
import sys

import pytest

from motcua.config.cli import VERBS


def motcua(tmp_path, *arguments):
    env = {**os.environ, "MOTCUA_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "motcua.config.settings"}
    env.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "motcua.config.cli", *arguments], env=env, capture_output=True, text=True, timeout=120
    )


@pytest.mark.pure
def test_without_a_verb_the_verbs_are_told(tmp_path):
    done = motcua(tmp_path)
    assert done.returncode == 2
    assert all(verb in done.stdout for verb in VERBS)


@pytest.mark.pure
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help(tmp_path, verb):
    done = motcua(tmp_path, verb, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["khong-co"], "không có lệnh"),
        (["statement"], "còn thiếu --unit"),
        (["statement", "--la"], "còn thiếu"),
        (["verify", "--la"], "không có tùy chọn --la"),
        (["import-units", "--la"], "không có tùy chọn --la"),
        (["statement", "--unit", "X", "--from", "1/1/2023", "--to", "2/1/2023", "--by", "unit"], "motcua migrate"),
        (["import-dossiers", "/khong/co.xlsx", "--unit", "X"], "motcua"),
    ],
)
def test_one_clear_line(tmp_path, line, expected):
    done = motcua(tmp_path, *line)
    assert done.returncode in (1, 2)
    said = done.stderr.strip().splitlines()
    assert len(said) == 1, done.stderr
    assert expected in said[0]
