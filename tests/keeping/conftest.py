"""A home of the test's own, and an empty database to restore or upgrade into."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from tests.support import databases

ELSEWHERE = f"{settings.WORKER}_elsewhere"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own for uploads, keys and backups."""
    place = tmp_path / "home"
    place.mkdir()
    for name, value in (("HOME", place), ("UPLOADS", place / "uploads"), ("KEYS", place / "keys")):
        monkeypatch.setattr(settings, name, value)
    return place


@pytest.fixture
def elsewhere(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database without a single table. Yields its URL; ``databases.pointed_at(ELSEWHERE)`` goes there."""
    with django_db_blocker.unblock():
        databases.drop(ELSEWHERE)
        if databases.ON_POSTGRESQL:
            with databases._server() as server:
                server.execute(f'CREATE DATABASE "{databases.name_of(ELSEWHERE)}"')
        yield databases.url_of(ELSEWHERE)
        connections.close_all()
        databases.drop(ELSEWHERE)
