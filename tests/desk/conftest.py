"""Fixtures of the desk's tests: its crew, and sessions opened without going through the door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from motcua.org.models import User
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
