"""Nobody signs in to a machine's account, whatever password somebody may have given it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from motcua.api.clients import MACHINE


class NoMachines:
    """Stands before the backends that check passwords and ends the attempt. No query.

    It knows no users and therefore has no ``get_user``: whoever looks for the backend that reads a session's person
    must not find this one.
    """

    def authenticate(self, request: HttpRequest | None, username: str | None = None, **more: Any) -> None:
        if username and username.strip().lower().startswith(MACHINE):
            raise PermissionDenied
