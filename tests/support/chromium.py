"""Where the machine's Chromium is. Plain Python: ``scripts/test.py`` asks before any test framework is loaded."""

import os
import shutil


def chromium_path() -> str | None:
    """``CHROMIUM`` if given, else what the system has; None if there is none."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)
