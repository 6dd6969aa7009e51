"""Papers of many dossiers: the register of a desk, the hand-over record, the day's cash list."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers import charging, queries
from motcua.dossiers.letterheads import agency_head, committee, desk_of
from motcua.dossiers.models import Dossier
from motcua.dossiers.printing import Printed, class_word, register_numbers
from motcua.dossiers.queries import visible
from motcua.dossiers.states import State
from motcua.org.models import Unit
from motcua.org.queries import Scope
from motcua.papers import forms, words
from motcua.parties import rules
from motcua.worktime import queries as worktime

MOST_ROWS = 2000


def register(
    scope: Scope, desk: Unit, first: dt.date, last: dt.date, *, officer: str = "", whole: bool = False
) -> forms.Register:
    """Sổ theo dõi hồ sơ of one desk, in the order of the codes; voided codes stay visible. Up to eight statements.

    ``whole``: telephones as the form has them, for whoever keeps the book; else masked as in every list.

    Invalid when the days are turned round, or the span holds more than ``MOST_ROWS`` dossiers.
    """
    if last < first:
        raise Invalid("Ngày cuối trước ngày đầu.", field="last")
    if first.year != last.year:
        raise Invalid("Sổ theo dõi mở theo từng năm: hãy chọn hai ngày trong một năm.", field="last")
    start, end = clock.local_moment(first), clock.local_moment(last + dt.timedelta(days=1))
    rows = visible(scope).filter(desk_unit=desk, item__isnull=False)
    taken = rows.filter(received_at__gte=start, received_at__lt=end)
    voided = rows.filter(
        state=State.VOIDED, item__events__seq=1, item__events__occurred_at__gte=start, item__events__occurred_at__lt=end
    )
    ids = [*taken.values_list("pk", flat=True)[: MOST_ROWS + 1], *voided.values_list("pk", flat=True)]
    if len(ids) > MOST_ROWS:
        raise Invalid(f"Khoảng này có hơn {words.amount(MOST_ROWS)} hồ sơ. Hãy in từng khoảng ngắn hơn.", field="last")
    found = list(queries.with_names(Dossier.objects.filter(Q(pk__in=ids))).order_by("item"))
    numbers = register_numbers(desk, found)
    there = desk_of(desk, worktime.rule_set_for(last).desk_name, last)
    return forms.Register(
        head=forms.Head(above=there.above, agency=there.name, place=there.place, date=clock.today()),
        span=f"Từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}" if first != last else f"Ngày {first:%d/%m/%Y}",
        rows=[_register_row(numbers.get(d.pk), d, whole) for d in found],
        returned=sum(1 for d in found if d.handed_over_at),
        voided=sum(1 for d in found if d.state == State.VOIDED),
        officer=officer,
    )


def _register_row(number: int | None, dossier: Dossier, whole: bool) -> forms.RegisterRow:
    party = dossier.applicant
    phone = rules.number_in_list(party.phone, whole=whole, restricted=party.restricted)
    address = "" if party.restricted else party.address

    def day(at: dt.datetime | None) -> str:
        return f"{clock.local_date(at):%d/%m/%Y}" if at else ""

    return forms.RegisterRow(
        number="" if number is None else str(number),
        code=str(dossier),
        procedure=dossier.procedure_version.name,
        sets=dossier.copies,
        name=party.name,
        contact="; ".join(part for part in (address, phone) if part),
        agency=committee(dossier.unit),
        received=day(dossier.received_at),
        appointed=day(dossier.appointed_at or dossier.due_at),
        returned=day(dossier.handed_over_at),
        method=dossier.get_result_method_display(),
        note="Đã hủy" if dossier.state == State.VOIDED else class_word(dossier),
    )


def hand_over(scope: Scope, pk: int) -> Printed:
    """The hand-over record as a paper. Up to five statements; NotFound outside the scope."""
    record, rows = queries.hand_over_sheet(scope, pk)
    day = clock.local_date(record.at)

    def person(user: object, title: str) -> str:
        return f"{user}, {title}" if title else str(user)

    paper = forms.HandOver(
        head=agency_head(record.unit, day),
        at=record.at,
        unit=committee(record.unit),
        giver=person(record.from_user, record.from_user.title),
        giver_name=str(record.from_user),
        taker=person(record.to_user, record.to_user.title),
        taker_name=str(record.to_user),
        maker=person(record.actor, record.actor.title) if record.actor_id != record.from_user_id else "",
        reason=record.reason,
        rows=[_hand_over_row(code, dossier) for code, dossier in rows],
    )
    return Printed(paper, day, f"ban-giao-{record.pk}.pdf")


def _hand_over_row(code: str, dossier: Dossier | None) -> forms.HandOverRow:
    if dossier is None:
        return forms.HandOverRow(code=code, name="", procedure="", due="", state="Đã chuyển đơn vị khác")
    due = f"{clock.local_date(dossier.due_at):%d/%m/%Y}" if dossier.due_at else ""
    return forms.HandOverRow(
        code=code,
        name=dossier.applicant.name,
        procedure=dossier.procedure_version.name,
        due=due,
        state=dossier.get_state_display(),
    )


def cash_day(scope: Scope, desk: Unit, day: dt.date, *, collector: int | None = None) -> forms.CashList:
    """Bảng kê thu trong ngày of a desk, or of one person there, as a paper. Up to four statements."""
    found = charging.cash_list(scope, desk, day, collector=collector)
    there = desk_of(desk, worktime.rule_set_for(day).desk_name, day)
    people: Sequence[str] = [str(group.collector) for group in found.groups]
    name = people[0] if len(people) == 1 else ""
    return forms.CashList(
        head=forms.Head(above=there.above, agency=there.name, place=there.place, date=day),
        span=words.long_day(day).capitalize(),
        rows=[
            forms.CashRow(
                receipt=row.number + (" (hủy)" if row.entry.amount < 0 else ""),
                code=str(row.entry.dossier),
                payer=row.entry.dossier.applicant.name,
                what=row.entry.dossier.procedure_version.name,
                method=row.entry.get_method_display(),
                amount=row.entry.amount,
            )
            for row in found.rows
        ],
        collector=name or f"{len(people)} người thu",
        collector_name=name,
    )


__all__ = ["MOST_ROWS", "cash_day", "hand_over", "register"]
