"""The product's settings for a test run: a home of its own that goes away with the run, and a cheap password hash.

Everything else is what an office runs with. ``DATABASE_URL`` chooses SQLite (none given) or PostgreSQL.
"""

import os
import tempfile

# What a developer has set for an own office must not change what the tests see.
for _name in ("HOME", "DEMO", "DEBUG", "HOSTS", "HTTPS", "LOG", "ORIGINS", "SECRET_KEY"):
    os.environ.pop(f"MOTCUA_{_name}", None)
# The first process of a run makes the folder; pytest-xdist's workers inherit the variable. conftest removes it.
RUN = os.environ.setdefault("MOTCUA_TEST_RUN", "") or tempfile.mkdtemp(prefix="motcua-tests-")
os.environ["MOTCUA_TEST_RUN"] = RUN
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["MOTCUA_HOME"] = os.path.join(RUN, WORKER)

from motcua.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = [
    "tests.support.hashers.QuickArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
