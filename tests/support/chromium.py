"""Whether the browser's tests can run here. Plain Python: ``scripts/test.py`` asks before any test framework loads."""

import os
import shutil
import subprocess
import sys


def chromium_path() -> str | None:
    """``CHROMIUM`` if given, else what the system has; None if there is none."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def trouble() -> str:
    """Why the browser's tests cannot run; empty if they can."""
    path = chromium_path()
    given = os.environ.get("CHROMIUM")
    if path is None:
        return f"CHROMIUM={given} is no program" if given else "no Chromium (apt-get install chromium)"
    # Ubuntu's chromium may be a stub that only points to a snap.
    if said := _cannot(path, "--version"):
        return f"{path} does not start: {said}"
    return driver_trouble()


def driver_trouble() -> str:
    """Why playwright's own helper program does not start; empty if it does. A bare machine may lack a library of it."""
    try:
        from playwright._impl._driver import compute_driver_executable
    except ImportError:
        return "playwright is not installed"
    if said := _cannot(compute_driver_executable()[0], "--version"):
        return f"playwright's driver does not start (apt-get install libatomic1): {said}"
    return ""


def _cannot(*command: str) -> str:
    """What a program complains of, or empty."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else f"status {done.returncode}")


if __name__ == "__main__":
    sys.exit(driver_trouble() or None)
