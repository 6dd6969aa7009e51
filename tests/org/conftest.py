"""The whole country, loaded once for the tests that read it; and a small one to be changed and broken."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from motcua.org import published
from motcua.org.importing import import_mapping, import_published
from tests.org.small_country import Write, write_files
from tests.support import databases


@pytest.fixture(scope="module")
def country(django_db_setup: None, django_db_blocker: Any) -> Iterator[published.Published]:
    """A database of its own with both worlds, the succession of 01/7/2025 and the mapping of huyện Cầu Kè.

    Shared by the tests of a module: who writes rolls back.
    """
    copy = f"{settings.WORKER}_country"
    with django_db_blocker.unblock():
        databases.create_from("template", copy)
        try:
            with databases.pointed_at(copy):
                found = published.read()
                import_published(found)
                import_mapping(published.SHIPPED / "mapping_cauke.csv")
                yield found
        finally:
            databases.drop(copy)


@pytest.fixture
def files(tmp_path: Path) -> Write:
    """Write the files of a small country, with replacements: ``files(links=("whole", "half"))``."""
    return partial(write_files, tmp_path)
