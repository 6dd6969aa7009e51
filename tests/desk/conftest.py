"""Fixtures of the desk's tests: its crew, and sessions opened without going through the door."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from motcua.core import clock
from motcua.org.models import Duty, User
from tests.desk.counting import NOW, at, august
from tests.desk.crew import Crew, make_crew
from tests.support import worlds
from tests.support.cast import make_cast


@pytest.fixture
def crew(db: None) -> Crew:
    return make_crew()


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A client whose session was opened by this person, with every factor there is."""

    def enter(user: User, **headers: Any) -> Client:
        client = Client(**headers)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_factor"] = True
        session.save()
        return client

    return enter


# ---- counting (tests/desk/counting.py) -----------------------------------------------------------------------------


@pytest.fixture
def told(cast):
    return august(cast)


@pytest.fixture(scope="module")
def august_told(django_db_setup, django_db_blocker):
    """The cast and its August, for a module whose every test counts it; see :mod:`tests.support.worlds`."""

    def tell():
        with clock.at(at(NOW)):
            cast = make_cast()
            return cast, august(cast)

    with worlds.kept(django_db_blocker, tell) as world:
        yield world


@pytest.fixture
def on(cast, signed_in):
    """The person for reform on a later day: in the office anew, or the screen would have locked itself."""

    @contextmanager
    def later(moment, user=None):
        with clock.at(at(moment)):
            yield signed_in(user or cast.by_duty[Duty.REFORM])

    return later


@pytest.fixture
def reform(cast, signed_in):
    return signed_in(cast.by_duty[Duty.REFORM])
