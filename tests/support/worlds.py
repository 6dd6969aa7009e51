"""One world for the tests of a module: told once, and each test takes back what it did to it.

A story that takes a fifth of a second to tell is too dear to be told anew before each of eighty tests. In a module::

    @pytest.fixture(scope="module")
    def _world(django_db_setup, django_db_blocker):
        with worlds.kept(django_db_blocker, lambda: Told(make_cast(), ...)) as world:
            yield world

    @pytest.fixture
    def cast(db, _world):
        return worlds.copy_of(_world).cast

The world lies in a transaction round the module; the fixture ``db`` of each test is a savepoint in it. All fixtures of
one test must come from one copy. Not for modules with tests on a ``real_database``: those close the connection.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction

W = TypeVar("W")


@contextmanager
def kept(blocker: Any, make: Callable[[], W]) -> Iterator[W]:
    """Make a world, and take it back after the block."""
    outermost = transaction.atomic()
    # What wants to be outermost in an office may be so in here, as within any test.
    outermost._from_testcase = True  # type: ignore[attr-defined]
    with blocker.unblock(), outermost:
        yield make()
        transaction.set_rollback(True)


def copy_of(world: W) -> W:
    """The world for one test, whose people and dossiers nobody has changed in memory."""
    return copy.deepcopy(world)
