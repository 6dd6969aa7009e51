"""Đối soát: another system's list against our books: only theirs, only ours, different, and why that may be.

Reads only, and changes nothing on either side: what is wrong is set right by acts here, or over there.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import fold
from motcua.dossiers.importing.reading import BadRow, ListRow, Value
from motcua.dossiers.queries import visible
from motcua.dossiers.states import Outcome, State
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.org.queries import Scope

MOST_ROWS = 20_000
_AT_ONCE = 2000
_OUTSIDE = "Có trong danh sách nhưng với ngày tiếp nhận ngoài khoảng đối soát."
_LINK = "nếu đúng thì ghi mã ở trang Chép sang của hồ sơ."


@dataclass(frozen=True, slots=True)
class Ours:
    """What our books say of a dossier, as far as such lists speak of it."""

    pk: int
    code: str
    external_code: str
    applicant: str
    procedure: str
    received: dt.date | None
    due: dt.date | None
    ended: dt.date | None
    handed_over: dt.date | None
    outcome: str
    state: str
    late_entry: bool
    voided: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the two say differently, in words, and what usually lies behind it."""

    what: str
    theirs: str
    ours: str
    why: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A dossier both know, with what they say differently."""

    row: ListRow
    ours: Ours
    differences: tuple[Difference, ...]


@dataclass
class Reconciled:
    """The whole comparison. ``first`` and ``last``: the days of receipt that were compared."""

    first: dt.date
    last: dt.date
    only_theirs: list[tuple[ListRow, str]] = field(default_factory=list)
    only_ours: list[tuple[Ours, str]] = field(default_factory=list)
    different: list[Pair] = field(default_factory=list)
    same: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def by_kind(self) -> list[tuple[str, int]]:
        """How often each thing differs."""
        return Counter(d.what for pair in self.different for d in pair.differences).most_common()


def reconcile(
    scope: Scope,
    unit: Unit,
    rows: Iterable[ListRow | BadRow | None],
    *,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Reconciled:
    """Compare a list with the dossiers of ``unit`` (and beneath it) received between two days: those given, else from
    the first to the last day of receipt in the list.

    Three statements, and one for each 2,000 codes of the list received on days we hold nothing of. Invalid when the
    list is empty, too long, or the days are turned round.
    """
    good, bad, doubles = _sorted_out(rows)
    if not good and not bad:
        raise Invalid("Danh sách không có hồ sơ nào.")
    days = [row.received.day for row in good]
    start, end = first or min(days, default=None), last or max(days, default=None)
    if start is None or end is None:
        raise Invalid(f"Không dòng nào đọc được. Dòng {bad[0].line}: {bad[0].why}.")
    if end < start:
        raise Invalid("Ngày cuối trước ngày đầu.", field="last")
    inside = [row for row in good if start <= row.received.day <= end]
    mine = _ours(scope, unit, start, end)
    known = _by_code(mine)
    # A dossier both know may have another day of receipt with us, or lie with another unit.
    far = _by_code(_elsewhere(scope, [row.code for row in inside if row.code.casefold() not in known]))
    made, met = Reconciled(start, end, bad=[*bad, *doubles]), set()
    for row in inside:
        ours = known.get(row.code.casefold()) or far.get(row.code.casefold())
        if ours is None:
            made.only_theirs.append((row, _why_only_theirs(row)))
            continue
        met.add(ours.pk)
        found = differences(row, ours)
        if found:
            made.different.append(Pair(row, ours, found))
        else:
            made.same += 1
    outside = {row.code.casefold() for row in good} - {row.code.casefold() for row in inside}
    for ours in mine:
        if ours.pk in met or ours.voided:
            continue
        codes = {ours.code.casefold(), ours.external_code.casefold()} - {""}
        made.only_ours.append((ours, _why_only_ours(ours, bool(codes & outside))))
    _guess(made)
    return made


def _guess(made: Reconciled) -> None:
    """Where one of theirs and one of ours have the same applicant and day of receipt, say that they may be the same."""
    theirs: dict[tuple[str, dt.date | None], list[int]] = {}
    ours: dict[tuple[str, dt.date | None], list[int]] = {}
    for n, (row, _) in enumerate(made.only_theirs):
        theirs.setdefault((fold(row.applicant), row.received.day), []).append(n)
    for n, (own, why) in enumerate(made.only_ours):
        if not own.external_code and why != _OUTSIDE:  # of the others it is known which they are over there
            ours.setdefault((fold(own.applicant), own.received), []).append(n)
    for side, here in theirs.items():
        there = ours.get(side, [])
        if not side[0] or len(here) != 1 or len(there) != 1:
            continue
        row, own = made.only_theirs[here[0]][0], made.only_ours[there[0]][0]
        made.only_theirs[here[0]] = (row, f"Có thể là hồ sơ {own.code} của ta (cùng chủ hồ sơ, cùng ngày): {_LINK}")
        made.only_ours[there[0]] = (own, f"Có thể là {row.code} bên kia (cùng chủ hồ sơ, cùng ngày): {_LINK}")


def _sorted_out(rows: Iterable[ListRow | BadRow | None]) -> tuple[list[ListRow], list[BadRow], list[BadRow]]:
    """Good rows once each, bad rows, and rows whose code has been met before."""
    good: dict[str, ListRow] = {}
    bad, doubles = [], []
    for row in rows:
        if row is None:
            continue
        if isinstance(row, BadRow):
            bad.append(row)
        elif (before := good.get(row.code.casefold())) is not None:
            doubles.append(BadRow(row.line, row.code, f"trùng mã với dòng {before.line}"))
        else:
            good[row.code.casefold()] = row
            if len(good) > MOST_ROWS:
                raise Invalid("Danh sách có hơn 20.000 hồ sơ. Hãy xuất từng khoảng ngắn hơn.")
    return list(good.values()), bad, doubles


_COLUMNS = (
    "pk", "code", "external_code", "applicant__name", "procedure_version__name", "received_at", "due_at",
    "appointed_at", "ended_at", "handed_over_at", "outcome", "state", "late_entry",
)  # fmt: skip


def _ours(scope: Scope, unit: Unit, first: dt.date, last: dt.date) -> list[Ours]:
    beneath = [u.pk for u in org.descendants(unit, first, last)]
    rows = visible(scope).filter(
        Q(org.among("unit", beneath)) | Q(org.among("desk_unit", beneath)),
        code__isnull=False,
        received_at__gte=clock.local_moment(first),
        received_at__lt=clock.local_moment(last + dt.timedelta(days=1)),
    )
    return [_read(row) for row in rows.order_by("received_at", "pk").values_list(*_COLUMNS)]


def _elsewhere(scope: Scope, codes: Sequence[str]) -> list[Ours]:
    found = []
    for at in range(0, len(codes), _AT_ONCE):
        some = codes[at : at + _AT_ONCE]
        rows = visible(scope).filter(Q(code__in=some) | Q(external_code__in=some), code__isnull=False)
        found += [_read(row) for row in rows.values_list(*_COLUMNS)]
    return found


def _read(row: tuple[Any, ...]) -> Ours:
    pk, code, external, applicant, procedure, received, due, appointed, ended, handed, outcome, state, late = row

    def day(at: dt.datetime | None) -> dt.date | None:
        return clock.local_date(at) if at else None

    return Ours(
        pk=pk,
        code=code,
        external_code=external,
        applicant=applicant,
        procedure=procedure,
        received=day(received),
        due=day(appointed or due),
        ended=day(ended),
        handed_over=day(handed),
        outcome=outcome,
        state=State(state).label,
        late_entry=late,
        voided=state == State.VOIDED,
    )


def _by_code(rows: Iterable[Ours]) -> dict[str, Ours]:
    found: dict[str, Ours] = {}
    for row in rows:
        for code in (row.code, row.external_code):
            if code:
                found.setdefault(code.casefold(), row)
    return found


# ---- what differs, and why ------------------------------------------------------------------------------------------


def differences(row: ListRow, ours: Ours) -> tuple[Difference, ...]:
    """What a list and our books say differently of one dossier. Pure."""
    found = []
    if ours.voided:
        why = "Bên ta đã hủy mã này; đề nghị bên kia hủy theo."
        return (Difference("Trạng thái", row.status or "(còn trong danh sách)", "Đã hủy", why),)
    if (theirs := row.received.day) != ours.received:
        why = "Nhập vào hệ thống kia sau khi tiếp nhận." if ours.received and theirs > ours.received else (
            "Hồ sơ nộp trực tuyến: bên kia lấy ngày nộp, ta lấy ngày tiếp nhận; hoặc ta tiếp nhận muộn."
        )  # fmt: skip
        found.append(Difference("Ngày tiếp nhận", _day(theirs), _day(ours.received), why))
    if row.due.day != ours.due:
        later = ours.due is not None and ours.due > row.due.day
        why = "Ta đã tạm dừng, chờ bổ sung hoặc hẹn lại mà bên kia chưa cập nhật." if later else (
            "Bên kia đã gia hạn hoặc tính thời hạn khác; đối chiếu thời hạn của thủ tục."
        )  # fmt: skip
        found.append(Difference("Ngày hẹn trả", _day(row.due.day), _day(ours.due), why))
    found += _ends(row, ours)
    return tuple(found)


def _ends(row: ListRow, ours: Ours) -> list[Difference]:
    theirs = _value(row.ended)
    if theirs is None and ours.ended is None:
        return []
    if theirs is None:
        why = "Ta đã có kết quả, bên kia chưa cập nhật: đồng bộ lại hoặc cập nhật ở hệ thống đó."
        return [Difference("Trạng thái", row.status or "đang giải quyết", f"{ours.state}, {_day(ours.ended)}", why)]
    if ours.ended is None:
        why = "Bên kia đã kết thúc, ta chưa ghi kết quả về một cửa: ghi kết quả, hoặc bên kia kết thúc nhầm."
        return [Difference("Trạng thái", f"{row.status or 'đã kết thúc'}, {_day(theirs)}", ours.state, why)]
    found = []
    if theirs != ours.ended:
        if ours.late_entry:
            why = "Ta có việc ghi muộn trong hồ sơ này; xem trang Kiểm tra."
        elif theirs > ours.ended:
            why = "Ta tính khi kết quả về một cửa; bên kia tính khi cập nhật hoặc khi người dân nhận."
        else:
            why = "Bên kia tính khi ký hoặc xử lý xong; ta tính khi kết quả về một cửa."
        found.append(Difference("Ngày kết thúc", _day(theirs), _day(ours.ended), why))
    if row.outcome and ours.outcome and row.outcome != ours.outcome:
        why = "Chọn khác nhau cách kết thúc; xem lại văn bản đã ký."
        said = row.status or Outcome(row.outcome).label
        found.append(Difference("Kết cục", said, str(Outcome(ours.outcome).label), why))
    handed = _value(row.handed_over)
    if handed is not None and handed != ours.handed_over:
        why = (
            "Ta chưa ghi trả kết quả cho người dân." if ours.handed_over is None else "Ghi khác ngày trả cho người dân."
        )
        found.append(Difference("Ngày trả", _day(handed), _day(ours.handed_over), why))
    return found


def _why_only_theirs(row: ListRow) -> str:
    if row.outcome in (Outcome.WITHDRAWN, Outcome.RETURNED):
        return "Bên kia có hồ sơ đã rút, trả lại; có thể ta chưa tiếp nhận."
    if row.channel == "online":
        return "Nộp trực tuyến chưa về hệ thống của ta, hoặc đã về mà chưa tiếp nhận, hoặc chưa ghi mã ở hệ thống kia."
    return "Chưa nhập vào hệ thống của ta, hoặc nhập mà chưa ghi mã ở hệ thống kia (Chép sang)."


def _why_only_ours(ours: Ours, listed: bool) -> str:
    if listed:
        return _OUTSIDE
    if ours.external_code:
        return f"Đã ghi mã {ours.external_code} nhưng bên kia không còn: có thể bên kia đã hủy hoặc xuất thiếu."
    return "Chưa chép sang hệ thống kia, hoặc đã chép mà chưa ghi mã."


def _value(value: Value | None) -> dt.date | None:
    return value.day if value is not None else None


def _day(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "(trống)"
