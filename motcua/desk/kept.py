"""What a person had typed when the screen locked or the session ended, kept until the same person is back.

One form at a time, sealed, in the session; passwords and codes are never kept, and files cannot be.
"""

import json
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from motcua.desk.sealed import seal, unseal

_SESSION = "kept"
WHO_COOKIE = "motcua_who"
_SALT = "motcua.desk.who"
_NEVER = ("password", "csrfmiddlewaretoken", "code")


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: the address it went to, its fields in order, and the names of files it carried."""

    path: str
    fields: list[tuple[str, str]]
    files: list[str]
    who: int

    @property
    def readable(self) -> list[tuple[str, str]]:
        """The fields a person would recognise: not empty, not the machinery of the page."""
        return [(n, v) for n, v in self.fields if v.strip() and n != "request_key" and not n.startswith("_")]


def keep(request: HttpRequest, who: int | None) -> bool:
    """Put the posted form away for the person with id ``who``. False, and nothing kept, where nobody is known."""
    if who is None or request.method != "POST":
        return False
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not any(word in name for word in _NEVER)
        for value in values
    ]
    kept = {
        "path": request.get_full_path(),
        "fields": fields,
        "files": [str(getattr(file, "name", "")) for file in request.FILES.values()],
        "who": who,
    }
    request.session[_SESSION] = seal(json.dumps(kept, ensure_ascii=False), _SESSION)
    return True


def look(request: HttpRequest) -> Kept | None:
    """The form kept for the signed-in person; another person's is thrown away unseen."""
    sealed = request.session.get(_SESSION)
    text = unseal(sealed, _SESSION) if sealed else None
    if text is None:
        return None
    data = json.loads(text)
    if data["who"] != request.user.pk:
        drop(request)
        return None
    return Kept(data["path"], [(n, v) for n, v in data["fields"]], data["files"], data["who"])


def drop(request: HttpRequest) -> None:
    """Forget what was kept."""
    request.session.pop(_SESSION, None)


def remember_who(response: HttpResponse, who: int) -> None:
    """Let this browser know whose desk it is, so that a form sent after the session ended goes back to its writer."""
    response.set_signed_cookie(
        WHO_COOKIE,
        str(who),
        salt=_SALT,
        max_age=30 * 86400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def who(request: HttpRequest) -> int | None:
    """The person who last signed in with this browser, or None."""
    value = request.get_signed_cookie(WHO_COOKIE, default=None, salt=_SALT, max_age=30 * 86400)
    return int(value) if value and value.isdigit() else None
