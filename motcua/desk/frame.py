"""The frame round every page: who is here, with which duties, and what the navigation therefore shows."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from motcua.core import clock
from motcua.desk import session
from motcua.dossiers.states import LEADER_DUTIES, VIEW_DUTIES
from motcua.org import queries as org
from motcua.org.models import SECOND_FACTOR_DUTIES, Duty, Unit, User
from motcua.reports.queries import READERS as REPORT_DUTIES

LOCKED, SECOND_FACTOR, PASSWORD = "locked", "second_factor", "password"

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation: for holders of one of ``duties`` (None: everybody), opened by ``g`` then ``key``."""

    title: str
    url_name: str
    duties: frozenset[Duty] | None
    key: str
    under: str = ""  # pages below this address belong to the entry too
    aside: bool = False  # seldom needed: in the person's own menu, so that the bar keeps to one line


# Who reads statements of their units.
STATEMENT_DUTIES = frozenset({Duty.REFORM, Duty.CONTROL, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR, Duty.INSPECT})

# Who looks at what was entered late, taken back or set right.
INSPECT_DUTIES = frozenset({Duty.INSPECT, Duty.CONTROL, Duty.CHAIR, Duty.DIRECTOR})

# Who reads which procedures a unit uses; the "Đầu mối KSTTHC" and the administrator of these keep them.
PROCEDURE_DUTIES = frozenset({Duty.CONTROL, Duty.ADMIN, *LEADER_DUTIES, Duty.RECEIVE})

# In the order shown. The first entry a person may see is that person's home page.
NAVIGATION: tuple[Entry, ...] = (
    Entry("Việc của tôi", "work", VIEW_DUTIES, "v"),
    Entry("Tiếp nhận", "intake", frozenset({Duty.RECEIVE}), "n"),
    Entry("Thu phí", "cash", frozenset({Duty.CASHIER}), "p"),
    Entry("Hồ sơ", "dossiers", VIEW_DUTIES, "h"),
    Entry("Bàn giao", "hand_over", VIEW_DUTIES, "o", aside=True),
    Entry("Nhập bù", "catch_up", LEADER_DUTIES, "u", aside=True),
    Entry("Dời hạn", "move_dates", LEADER_DUTIES, "j", aside=True),
    Entry("Biểu tổng hợp", "statement", STATEMENT_DUTIES, "b"),
    Entry("Báo cáo", "reports", REPORT_DUTIES, "r"),
    Entry("Số liệu báo cáo", "figures", STATEMENT_DUTIES, "m"),
    Entry("Sổ CCHC", "programme", STATEMENT_DUTIES, "e"),
    Entry("Kiểm tra", "inspection", frozenset({Duty.INSPECT}), "i"),
    Entry("Tài khoản", "accounts", frozenset({Duty.ADMIN}), "k", "/quan-tri/"),
    Entry("Thủ tục", "procedures", PROCEDURE_DUTIES, "c"),
    Entry("Lịch và quy tắc", "settings", frozenset({Duty.ADMIN}), "l"),
    Entry("Nhật ký truy cập", "access_log", frozenset({Duty.INSPECT, Duty.CHAIR, Duty.DIRECTOR}), "y", aside=True),
    Entry("Trang của tôi", "me", None, "t", aside=True),
)


@dataclass(frozen=True)
class Standing:
    """The duties a person holds today, own and delegated, and where."""

    duties: tuple[tuple[Duty, Unit], ...]

    @property
    def held(self) -> frozenset[Duty]:
        return frozenset(duty for duty, _ in self.duties)

    @property
    def units(self) -> list[Unit]:
        """The units the duties are held at, each once, in the order of the duties."""
        return list({unit.pk: unit for _, unit in self.duties}.values())


def standing(request: HttpRequest) -> Standing:
    """The signed-in person's duties today. Queries once a request."""
    found: Standing | None = getattr(request, "_standing", None)
    if found is None:
        user = request.user
        duties = org.duties(user, clock.today()) if user.is_authenticated else []
        found = Standing(tuple((Duty(duty), unit) for duty, unit in duties))
        request._standing = found  # type: ignore[attr-defined]
    return found


def needs(*duties: Duty) -> Callable[[V], V]:
    """Close a page to everybody who holds none of ``duties`` anywhere today: the Vietnamese 403 page.

    Which units' things are shown is the business of the query's scope, not of this.
    """

    def decorate(view: V) -> V:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not standing(request).held & frozenset(duties):
                names = ", ".join(f"«{Duty(duty).label}»" for duty in duties)
                raise PermissionDenied(f"Trang này dành cho người có nhiệm vụ {names}.")
            return view(request, *args, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate


def stop(request: HttpRequest) -> str | None:
    """What stands between a signed-in person and the pages: LOCKED, SECOND_FACTOR, PASSWORD or nothing.

    Outside demo mode those who hold one of SECOND_FACTOR_DUTIES must have given a code in this very session.
    Queries the duties (once a request) unless the session has given its code.
    """
    if session.is_locked(request):
        return LOCKED
    excused = settings.DEMO or session.second_factor_given(request)
    if not excused and standing(request).held & SECOND_FACTOR_DUTIES:
        return SECOND_FACTOR
    return PASSWORD if isinstance(request.user, User) and request.user.must_change_password else None


def has_authenticator(user_id: int) -> bool:
    """Whether the person has set up an authenticator. One query."""
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists()


def is_script(request: HttpRequest) -> bool:
    """Whether a script of the page asks (htmx or our own), and not the browser for a whole page."""
    return "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest"


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries this person may see, with address and whether the present page is under it."""
    held = standing(request).held
    places = [entry.under or reverse(entry.url_name) for entry in NAVIGATION]
    entries = []
    for entry in NAVIGATION:
        if entry.duties is not None and not entry.duties & held:
            continue
        url = reverse(entry.url_name)
        under = entry.under or url
        here = request.path.startswith(under) and not any(
            len(other) > len(under) and request.path.startswith(other) for other in places
        )
        entries.append({"title": entry.title, "url": url, "key": entry.key, "here": here, "aside": entry.aside})
    return entries


def home(request: HttpRequest) -> str:
    """The address of the person's first page."""
    return str(navigation(request)[0]["url"])


class Frame:
    """What base.html draws round a page. Lazy: a page that does not draw it costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @functools.cached_property
    def inside(self) -> bool:
        """Whether the person has passed every stop; those who have not are shown no navigation."""
        user = getattr(self._request, "user", None)
        return bool(user and user.is_authenticated) and stop(self._request) is None

    @functools.cached_property
    def navigation(self) -> list[dict[str, Any]]:
        return navigation(self._request)

    @functools.cached_property
    def searches(self) -> bool:
        """Whether the person may read dossiers, and so is given the search box."""
        return bool(standing(self._request).held & VIEW_DUTIES)

    @functools.cached_property
    def units(self) -> list[Unit]:
        return standing(self._request).units


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``frame``, and the two settings pages need."""
    return {
        "frame": Frame(request),
        "demo": settings.DEMO,
        "idle_seconds": int(settings.IDLE_LOCK.total_seconds()),
    }
