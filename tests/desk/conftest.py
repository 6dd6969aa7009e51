"""Fixtures of the desk's tests: its crew, and sessions opened without going through the door."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from motcua.core import clock
from motcua.org.models import Duty, User
from tests.desk.counting import at, august
from tests.desk.crew import Crew, make_crew


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
