"""Making, renewing and revoking machine clients, and finding who a token belongs to.

A client acts in the name of an account of its own that holds duties like anybody's, so that scope, authority and the
record of changes need no second set of rules. Nobody can sign in to that account (:mod:`motcua.api.signin`).
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db.models import QuerySet

from motcua.api.models import ApiClient
from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotFound
from motcua.core.verbs import verb
from motcua.org.actions import grant_duty
from motcua.org.actions.authority import Actor, note, require_admin, typed
from motcua.org.models import SECOND_FACTOR_DUTIES, Duty, Unit, User
from motcua.org.queries import Scope

# Recognised by scanners for secrets that went astray.
PREFIX = "motcua_"
# No account of a person can be called so: their names hold no colon.
MACHINE = "api:"
LONGEST = dt.timedelta(days=2 * 366)
# A minute: ten a second is more than a system that waits for its answers sends.
USUAL_PACE = 600
FASTEST = 100_000


def _token() -> tuple[str, dict[str, object]]:
    """A new token, and the columns that keep it: its digest, its last characters, when it was made."""
    token = PREFIX + secrets.token_urlsafe(32)
    return token, {"token_hash": _hash(token), "token_hint": token[-4:], "token_made_at": clock.now()}


def _hash(token: str) -> str:
    # A fast digest is right here: the token is 256 random bits, not a password somebody chose.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@verb
def create_client(
    *,
    actor: Actor,
    name: str,
    unit: Unit,
    duties: Sequence[Duty | str],
    valid_from: dt.date,
    valid_to: dt.date,
    units: Sequence[Unit] = (),
    basis: str = "",
    requests_a_minute: int = USUAL_PACE,
) -> ApiClient:
    """A client of ``unit`` that holds ``duties`` at ``units`` (default: there) and all beneath them.

    By an administrator of all these units. Invalid without duties, beyond two years, or for a duty that asks people for
    a second factor: a machine has none. The token is given by :func:`renew_token`; until then nothing opens.
    """
    require_admin(actor, [unit, *units])
    wanted = list(dict.fromkeys(duties))
    if not wanted:
        raise Invalid("Chọn ít nhất một nhiệm vụ cho hệ thống kết nối.", field="duties")
    barred = [duty for duty in wanted if duty in SECOND_FACTOR_DUTIES]
    if barred:
        names = ", ".join(f"«{Duty(duty).label}»" for duty in barred)
        raise Invalid(f"Không giao {names} cho máy: nhiệm vụ này phải xác thực hai bước.", field="duties")
    _check_pace(requests_a_minute)
    if valid_to < valid_from:
        raise Invalid("Đến ngày phải sau từ ngày.", field="valid_to")
    if valid_to < clock.today():
        raise Invalid("Thời hạn đã qua.", field="valid_to")
    if valid_to - valid_from > LONGEST:
        raise Invalid("Một lần cho phép kết nối dài tối đa 2 năm.", field="valid_to")
    _, columns = _token()
    user = User(
        username=f"{MACHINE}{secrets.token_hex(6)}",
        full_name=typed(User, "full_name", name, required=True),
        title="Hệ thống kết nối",
        home=unit,
        is_machine=True,
    )
    user.set_unusable_password()
    user.save()
    note(actor, user, "create_client", unit, valid_from=valid_from, valid_to=valid_to).save()
    for where in dict.fromkeys(units or [unit]):
        for duty in wanted:
            grant_duty(
                actor=actor,
                user=user,
                unit=where,
                duty=duty,
                valid_from=max(valid_from, where.valid_from),
                valid_to=min(valid_to, where.valid_to) if where.valid_to else valid_to,
                basis=basis,
            )
    return ApiClient.objects.create(
        user=user,
        name=user.full_name,
        unit=unit,
        basis=typed(ApiClient, "basis", basis),
        valid_from=valid_from,
        valid_to=valid_to,
        requests_a_minute=requests_a_minute,
        created_at=clock.now(),
        created_by=actor if isinstance(actor, User) else None,
        **columns,
    )


@verb
def renew_token(*, actor: Actor, client: ApiClient) -> str:
    """A new token, told once; the earlier one opens nothing from this moment. It is not kept, only its digest.

    Sent again with the same request key it tells nothing.
    """
    row = _locked(actor, client)
    token, columns = _token()
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    note(actor, row.user, "renew_token", row.unit).save()
    return token


@verb
def set_pace(*, actor: Actor, client: ApiClient, requests_a_minute: int) -> ApiClient:
    """How often the client may ask, from this moment."""
    row = _locked(actor, client)
    _check_pace(requests_a_minute)
    row.requests_a_minute = requests_a_minute
    row.save(update_fields=["requests_a_minute"])
    note(actor, row.user, "set_pace", row.unit, reason=f"{requests_a_minute} lần mỗi phút").save()
    return row


def _check_pace(requests_a_minute: int) -> None:
    if not 1 <= requests_a_minute <= FASTEST:
        raise Invalid(f"Số lần gọi mỗi phút từ 1 đến {FASTEST:,}.".replace(",", "."), field="requests_a_minute")


@verb
def revoke_client(*, actor: Actor, client: ApiClient, reason: str) -> ApiClient:
    """From this moment the token opens nothing and never will again; what was done with it stays on record."""
    row = _locked(actor, client)
    why = typed(ApiClient, "basis", reason)
    if not why:
        raise Invalid("Hãy ghi lý do thu hồi.", code="required", field="reason")
    row.revoked_at, row.revoked_by = clock.now(), actor if isinstance(actor, User) else None
    row.save(update_fields=["revoked_at", "revoked_by"])
    note(actor, row.user, "revoke_client", row.unit, reason=why).save()
    return row


def _locked(actor: Actor, client: ApiClient) -> ApiClient:
    row = ApiClient.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=client.pk)
    require_admin(actor, [row.unit])
    if row.revoked_at is not None:
        raise IllegalAct("Mã truy cập này đã thu hồi. Cần kết nối lại thì tạo hệ thống mới.", code="already_revoked")
    return row


# ---- queries ---------------------------------------------------------------------------------------------------------


def owner_of(token: str) -> ApiClient | None:
    """The client whose token this is, if it opens anything now; with its account. One statement."""
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    found = ApiClient.objects.select_related("user", "unit").filter(token_hash=_hash(token)).first()
    if found is None or not found.works_on(clock.today()) or not found.user.is_active:
        return None
    return found


def clients(scope: Scope) -> QuerySet[ApiClient]:
    """The clients owned by units of the scope, newest first; not yet read."""
    return scope.filter(ApiClient.objects.select_related("unit", "user", "created_by", "revoked_by")).order_by("-pk")


def client(scope: Scope, pk: int) -> ApiClient:
    """One client; NotFound outside the scope. One statement."""
    found = clients(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("Không có hệ thống kết nối này, hoặc thuộc đơn vị khác.")
    return found
