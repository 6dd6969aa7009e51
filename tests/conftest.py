"""What all tests share: databases, processes, SQL budgets, the browser.

``db`` (or the mark ``django_db``)  a database that is rolled back after the test
``real_database``                   a database of its own with real commits, for other processes too; yields its URL
``site``, ``page``, ``axe``         the real server and a real Chromium on a ``real_database`` (mark: ``browser``)
"""

import os
import shutil
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

pytest_plugins = ["tests.support.browser"]
if (Path(__file__).parent / "support" / "cast.py").exists():
    pytest_plugins.append("tests.support.cast")

# PostgreSQL tries again what SQLite has tried: fewer histories, other ones. FULL=1: as many.
_second = os.environ.get("DATABASE_URL", "").startswith("postgres") and os.environ.get("FULL") != "1"
_examples = 30 if _second else 60
hypothesis.settings.register_profile("default", deadline=None, max_examples=_examples)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=_examples, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))

_number = count(1)


def pytest_report_header() -> str:
    from tests.support.databases import ON_POSTGRESQL

    return f"motcua: {'PostgreSQL' if ON_POSTGRESQL else 'SQLite'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("django_db")
        if {"transactional_db", "live_server", "django_db_reset_sequences"} & names or (mark and mark.kwargs):
            raise pytest.UsageError(f"{item.nodeid}: flushing is refused by append-only tables; use real_database")
        if "real_database" in names and (mark or "db" in names):
            raise pytest.UsageError(f"{item.nodeid}: db and real_database cannot be used together")
        if "chromium" in names and not item.get_closest_marker("browser"):
            raise pytest.UsageError(f"{item.nodeid}: a test that uses the browser needs the mark «browser»")
        if item.get_closest_marker("pure") and ({"db", "real_database"} & names or mark):
            raise pytest.UsageError(f"{item.nodeid}: a pure test uses no database")


def pytest_unconfigure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    from tests.support import databases

    databases.drop_all()
    shutil.rmtree(settings.RUN, ignore_errors=True)
    os.environ.pop("MOTCUA_TEST_RUN", None)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: this worker's database is a copy of the one migrated template."""
    from tests.support import databases

    with django_db_blocker.unblock():
        databases.make_template()
        databases.create_from("template", settings.WORKER)
        databases.point_at(settings.WORKER)
    yield
    with django_db_blocker.unblock():
        databases.connections.close_all()
        databases.drop(settings.WORKER)


@pytest.fixture
def real_database(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A fresh migrated database of this test's own, with real commits; yields its ``DATABASE_URL``."""
    from tests.support import databases

    number = next(_number)
    # A server goes on from test to test (tests/support/browser.py): its database is always at the same place.
    served = "site" in request.fixturenames and not databases.ON_POSTGRESQL
    copy = f"{settings.WORKER}_{'site' if served else number}"
    with django_db_blocker.unblock():
        if served:
            databases.renew("template", copy, start=number * 10_000)
        else:
            databases.create_from("template", copy)
        try:
            with databases.pointed_at(copy) as url:
                yield url
        finally:
            if not served:
                databases.drop(copy)


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Forget what the product remembers of a database: after a rollback the same ids mean other rows."""
    yield
    for name, module in list(sys.modules.items()):
        if name.startswith("motcua.") and name.endswith((".queries", ".actions")):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
