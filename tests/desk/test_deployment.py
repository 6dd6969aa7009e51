"""Settings an office runs with: nothing to warn about over HTTPS, and the cookies are for HTTPS alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]


def motcua(*arguments, home, **env):
    return subprocess.run(
        [sys.executable, "-m", "motcua.config.cli", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "motcua.config.settings",
            "MOTCUA_HOME": str(home),
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_is_clean_over_https(tmp_path):
    done = motcua(
        "check", "--deploy", "--fail-level", "WARNING", home=tmp_path, MOTCUA_HTTPS="1", MOTCUA_HOSTS="motcua.example"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_over_https_cookies_and_addresses_are_https_only(tmp_path):
    code = (
        "from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)"
    )
    assert motcua("shell", "-v0", "-c", code, home=tmp_path, MOTCUA_HTTPS="1").stdout.split() == ["True"] * 4
    assert motcua("shell", "-v0", "-c", code, home=tmp_path).stdout.split() == ["False"] * 4


def test_the_secret_key_is_made_once_and_for_the_owner_alone(tmp_path):
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    first = motcua("shell", "-v0", "-c", code, home=tmp_path).stdout
    assert len(first.strip()) >= 50
    assert motcua("shell", "-v0", "-c", code, home=tmp_path).stdout == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
