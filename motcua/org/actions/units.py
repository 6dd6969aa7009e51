"""Units added, given codes, renamed, moved."""

import datetime as dt

from motcua.core.errors import IllegalAct, Invalid
from motcua.core.verbs import verb
from motcua.org import queries, tree
from motcua.org.actions.authority import Actor, note, require_admin, typed
from motcua.org.actions.founding import (
    BODY,
    NewUnit,
    check_level,
    checked_short_code,
    ending,
    found,
    known_kind,
    last_place,
    places_from,
    rank,
    refuse_taken,
)
from motcua.org.models import (
    AccessChange,
    Assignment,
    Delegation,
    Succession,
    SuccessionKind,
    Unit,
    UnitKind,
    UnitPlace,
    User,
)
from motcua.org.tree import ONE_DAY


@verb
def add_unit(
    *,
    actor: Actor,
    parent: Unit | None,
    code: str,
    name: str,
    kind: UnitKind | str,
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    short_code: str = "",
    agency_code: str = "",
    accountable: bool = True,
) -> Unit:
    """A unit beneath ``parent``: an office, a service, a reception point, a commune. Without parent: commands only.

    It lives no longer than its parent: beneath a unit that has ended it ends that day, and an office's work goes where
    the parent's went. By an administrator of the parent. :class:`Conflict` where a code is taken on some of the days.
    """
    require_admin(actor, [parent] if parent is not None else [])
    if parent is None and isinstance(actor, User):
        raise Invalid("Hãy chọn đơn vị cấp trên.", code="required", field="parent")
    new = NewUnit(code, name, kind, short_code, agency_code, accountable)
    if parent is None:
        return found(new, valid_from, valid_to, None, [])
    parent.refresh_from_db()
    if parent.valid_to is not None and (valid_to is None or valid_to > parent.valid_to):
        valid_to = parent.valid_to
    above = [
        place
        for place in UnitPlace.objects.filter(unit=parent).order_by("valid_from")
        if (valid_to is None or place.valid_from <= valid_to)
        and (place.valid_to is None or place.valid_to >= valid_from)
    ]
    if valid_from < parent.valid_from or not above or (valid_to is not None and valid_to < valid_from):
        raise Invalid(
            f"{parent.name} chỉ tồn tại {queries.span(parent)}: hãy chọn ngày trong khoảng đó.",
            code="dates",
            field="valid_from",
        )
    unit = found(new, valid_from, valid_to, parent, above)
    if rank(unit.kind) == BODY and valid_to is not None and valid_to == parent.valid_to:
        fate = Succession.objects.filter(old=parent, day=valid_to + ONE_DAY)
        Succession.objects.bulk_create(tree.copies(list(fate), unit))
    return unit


@verb
def change_codes(
    *,
    actor: Actor,
    unit: Unit,
    short_code: str | None = None,
    agency_code: str | None = None,
    accountable: bool | None = None,
) -> Unit:
    """The short code for people, the agency's electronic code, whether figures stand on the unit. By its admin."""
    require_admin(actor, [unit])
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    if short_code is not None:
        unit.short_code = checked_short_code(short_code)
        refuse_taken("short_code", unit.short_code, unit.valid_from, unit.valid_to, unit.pk)
    if agency_code is not None:
        unit.agency_code = typed(Unit, "agency_code", agency_code)
    if accountable is not None:
        unit.accountable = accountable
    unit.save(update_fields=["short_code", "agency_code", "accountable"])
    return unit


@verb
def rename(
    *,
    actor: Actor,
    unit: Unit,
    day: dt.date,
    name: str,
    kind: UnitKind | str | None = None,
    code: str | None = None,
    basis: str = "",
) -> Unit:
    """From ``day`` the unit is another legal existence with a new name (kind, code); all it holds goes over to it.

    What stands beneath it, its people's duties and delegations go over too, and its short code. By an administrator of
    the unit. Returns the new unit.
    """
    require_admin(actor, [unit])
    (old,) = ending([unit], day)
    place = last_place(old, day)
    new = NewUnit(
        old.code if code is None else code,
        name,
        old.kind if kind is None else kind,
        old.short_code,
        old.agency_code,
        old.accountable,
    )
    if rank(known_kind(new.kind)) != rank(old.kind):
        raise Invalid("Đổi tên chỉ đổi được sang loại đơn vị cùng cấp.", code="kind", field="kind")
    below = tree.going_on(tree.beneath([old], day - ONE_DAY), day)
    tree.close([old], day - ONE_DAY)
    above = places_from(place.parent, day)
    renamed = found(new, day, None, place.parent, above)
    path = tree.path_under(above[0].path if above else "", renamed)
    tree.resettle([(p, renamed, path) for p in below if p.parent_id == old.pk], below, day)
    Succession.objects.create(
        old=old, new=renamed, day=day, kind=SuccessionKind.WHOLE, basis=typed(Succession, "basis", basis)
    )
    _carry_duties(actor, old, renamed, day)
    return renamed


@verb
def move(*, actor: Actor, unit: Unit, parent: Unit, day: dt.date) -> Unit:
    """From ``day`` the unit, with all beneath it, stands beneath another superior; it stays the same unit.

    By an administrator of both. Refused: beneath itself or what is its own, beneath a unit not alive, a second move on
    or before a day already arranged.
    """
    require_admin(actor, [unit, parent])
    place = tree.place_of(unit, day)
    if place is None:
        raise IllegalAct(f"{unit.name} không còn hoặc chưa có vào ngày {day:%d/%m/%Y}.", code="not_alive", field="day")
    above = places_from(parent, day)
    if place.parent_id == parent.pk:
        raise Invalid(f"{unit.name} đã trực thuộc {parent.name}.", code="same_parent", field="parent")
    if f"/{unit.pk}/" in above[0].path:
        raise Invalid("Không thể đặt một đơn vị bên dưới chính nó.", code="cycle", field="parent")
    check_level(parent.kind, known_kind(unit.kind))
    tree.resettle([(place, parent, above[0].path)], tree.beneath([unit], day), day)
    return unit


def _carry_duties(actor: Actor, old: Unit, new: Unit, day: dt.date) -> None:
    """After a renaming people go on in the same duties: ended at the old unit, granted at the new. Nine statements."""
    eve = day - ONE_DAY
    open_ones = list(Assignment.objects.filter(unit=old).exclude(valid_to__lt=day).select_related("user"))
    started = [a for a in open_ones if a.valid_from <= eve]
    Assignment.objects.bulk_create(
        [
            Assignment(
                user=a.user,
                unit=new,
                duty=a.duty,
                valid_from=max(a.valid_from, day),
                valid_to=a.valid_to,
                basis=a.basis,
                granted_by_id=a.granted_by_id,
            )
            for a in open_ones
        ]
    )
    Assignment.objects.filter(pk__in=[a.pk for a in started]).update(valid_to=eve)
    Assignment.objects.filter(pk__in=[a.pk for a in open_ones if a.valid_from > eve]).delete()
    given = list(
        Delegation.objects.filter(unit=old, valid_to__gte=day, revoked_at__isnull=True).select_related("to_user")
    )
    Delegation.objects.bulk_create(
        [
            Delegation(
                from_user_id=d.from_user_id,
                to_user=d.to_user,
                unit=new,
                duty=d.duty,
                valid_from=max(d.valid_from, day),
                valid_to=d.valid_to,
                basis=d.basis,
            )
            for d in given
        ]
    )
    Delegation.objects.filter(pk__in=[d.pk for d in given if d.valid_from <= eve]).update(valid_to=eve)
    Delegation.objects.filter(pk__in=[d.pk for d in given if d.valid_from > eve]).delete()
    AccessChange.objects.bulk_create(
        [note(actor, a.user, "carry_duty", new, duty=a.duty, valid_from=max(a.valid_from, day)) for a in open_ones]
        + [note(actor, d.to_user, "carry_delegation", new, duty=d.duty, valid_to=d.valid_to) for d in given]
    )
