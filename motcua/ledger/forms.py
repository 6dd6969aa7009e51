"""The forms of a statement: II.06a, the provinces' internal table of 14 columns, and the full table. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from motcua.core import clock
from motcua.ledger.models import Account, Book
from motcua.ledger.statement import ONLINE, OTHER_CHANNELS, Figures, Line, Statement, Unreconciled

# Ended without what was asked for: a note under II.06a, which itself takes all outcomes.
NOT_GRANTED = {
    "refused": "từ chối giải quyết",
    "returned": "trả lại hồ sơ",
    "stopped": "dừng giải quyết",
    "withdrawn": "rút hồ sơ",
}
GIVEN_BACK = ("returned", "withdrawn")
RESOLVED = ("granted",)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``number`` as the form prints it, ``drill`` the name :func:`behind.drill` knows it by."""

    number: str
    title: str
    group: str
    figure: Callable[[Figures], int | float | None]
    drill: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line; ``key`` is that of the statement's line, ``None`` for subtotals and the total."""

    label: str
    values: tuple[int | float | None, ...]
    kind: str  # line, subtotal, total
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A statement laid out: columns, rows by level with subtotals, and the notes under the table."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def _moved_online(f: Figures) -> int:
    return sum(f.moved_received.get(channel, 0) for channel in ONLINE)


def _moved_other(f: Figures) -> int:
    return sum(f.moved_received.get(channel, 0) for channel in OTHER_CHANNELS)


# A moved item leaves its column where it was (6 if it was in the opening, 4 or 5 if received in the period) and stands
# in the same column where it came.
def _c4(f: Figures) -> int:
    return sum(f.received.get(channel, 0) for channel in ONLINE) + _moved_online(f)


def _c5(f: Figures) -> int:
    return sum(f.received.get(channel, 0) for channel in OTHER_CHANNELS) + _moved_other(f)


def _c6(f: Figures) -> int:
    return f.opening.total + f.adjustments.total + f.moved_opening


COLUMNS_06A: tuple[Column, ...] = (
    Column("3", "Tổng số", "Số hồ sơ nhận giải quyết", lambda f: _c4(f) + _c5(f) + _c6(f), "c3"),
    Column("4", "Trong kỳ: trực tuyến", "Số hồ sơ nhận giải quyết", _c4, "c4"),
    Column("5", "Trong kỳ: trực tiếp, bưu chính", "Số hồ sơ nhận giải quyết", _c5, "c5"),
    Column("6", "Từ kỳ trước", "Số hồ sơ nhận giải quyết", _c6, "c6"),
    Column("7", "Tổng số", "Số hồ sơ đã giải quyết", lambda f: f.ended_total, "c7"),
    Column("8", "Trước hạn", "Số hồ sơ đã giải quyết", lambda f: f.ended_as(Account.EARLY), "c8"),
    Column("9", "Đúng hạn", "Số hồ sơ đã giải quyết", lambda f: f.ended_as(Account.ON_TIME), "c9"),
    Column("10", "Quá hạn", "Số hồ sơ đã giải quyết", lambda f: f.ended_as(Account.LATE), "c10"),
    Column("11", "Tổng số", "Số hồ sơ đang giải quyết", lambda f: f.closing.total, "c11"),
    Column("12", "Trong hạn", "Số hồ sơ đang giải quyết", lambda f: f.closing.all_in_time, "c12"),
    Column("13", "Quá hạn", "Số hồ sơ đang giải quyết", lambda f: f.closing.all_overdue, "c13"),
)


def form_06a(made: Statement) -> Form:
    """Form II.06a (Văn phòng Chính phủ): columns 3 to 13; columns 1 and 2 are the number and the label of the row.

    Ended columns take all outcomes, pending ones what is waiting too; the notes say how much («trong đó»). Raises
    :class:`Unreconciled` unless c3 = c4+c5+c6, c7 = c8+c9+c10, c11 = c12+c13 and c3 = c7+c11 in every row.
    """
    form = Form(
        "Biểu II.06a · Kết quả giải quyết thủ tục hành chính",
        COLUMNS_06A,
        _rows(made, COLUMNS_06A),
        tuple(notes(made)),
    )
    for row in form.rows:
        _check_06a(row)
    return form


def _check_06a(row: Row) -> None:
    c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 = (int(value or 0) for value in row.values)
    if not (c3 == c4 + c5 + c6 and c7 == c8 + c9 + c10 and c11 == c12 + c13 and c3 == c7 + c11):
        raise Unreconciled(f"Dòng «{row.label}» của biểu II.06a không cân. Hãy chạy «motcua verify».")


def _share(f: Figures) -> float | None:
    done = f.ended_by(*RESOLVED)
    late = sum(f.ended.get((Account.LATE, outcome), 0) for outcome in RESOLVED)
    if not done:
        return None
    share = round(100 * (done - late) / done, 2)
    return min(share, 99.99) if late else share  # 21.274 of 21.275 are not all


def _resolved_as(account: str) -> Callable[[Figures], int]:
    return lambda f: sum(f.ended.get((account, outcome), 0) for outcome in RESOLVED)


def _other_ends(f: Figures) -> int:
    return f.ended_total - f.ended_by(*RESOLVED) - f.ended_by(*GIVEN_BACK)


_INTERNAL: tuple[Column, ...] = (
    Column("3", "Tổng số", "Hồ sơ nhận giải quyết", lambda f: _c4(f) + _c5(f) + _c6(f), "c3"),
    Column("4", "Kỳ trước", "Hồ sơ nhận giải quyết", _c6, "c6"),
    Column("5", "Trong kỳ", "Hồ sơ nhận giải quyết", lambda f: _c4(f) + _c5(f), "c45"),
    Column("6", "Trước hạn", "Đã có kết quả", _resolved_as(Account.EARLY), "ended.early.granted"),
    Column("7", "Đúng hạn", "Đã có kết quả", _resolved_as(Account.ON_TIME), "ended.on_time.granted"),
    Column("8", "Quá hạn", "Đã có kết quả", _resolved_as(Account.LATE), "ended.late.granted"),
    Column("9", "Tỷ lệ trước và đúng hạn (%)", "Đã có kết quả", _share, percent=True),
    Column("10", "Trong hạn", "Đang xử lý", lambda f: f.closing.in_time, "closing.in_time"),
    Column("11", "Quá hạn", "Đang xử lý", lambda f: f.closing.overdue, "closing.overdue"),
    Column("12", "Chờ bổ sung, tạm dừng", "Đang xử lý", lambda f: f.closing.waiting, "waiting"),
    Column("13", "Trả lại, xin rút", "Không có kết quả", lambda f: f.ended_by(*GIVEN_BACK), "given_back"),
    Column("14", "Khác", "Không có kết quả", _other_ends, "other_ends"),
)


def form_internal(made: Statement) -> Form:
    """The internal table of 14 columns that provinces use, where waiting, given-back and other ends stand apart.

    3 = 4 + 5 = 6 + 7 + 8 + 10 + 11 + 12 + 13 + 14, or :class:`Unreconciled`.
    """
    form = Form("Biểu tổng hợp nội bộ (14 cột)", _INTERNAL, _rows(made, _INTERNAL), tuple(notes(made)))
    for row in form.rows:
        total, opening, received, *rest = row.values
        parts = sum(int(value or 0) for n, value in enumerate(rest) if n != 3)  # column 9 is a rate
        if not int(total or 0) == int(opening or 0) + int(received or 0) == parts:
            raise Unreconciled(f"Dòng «{row.label}» của biểu 14 cột không cân. Hãy chạy «motcua verify».")
    return form


def form_full(made: Statement) -> Form:
    """Every term of the identity, as the ledger says it; movement columns only where something moved."""
    every = made.total.figures
    moving = [line.figures for line in made.lines]
    columns = [Column("1", "Kỳ trước chuyển sang", "", lambda f: f.opening.total, "opening")]
    if made.chain is not None:
        columns.append(Column("2", "Điều chỉnh kỳ trước", "", lambda f: f.adjustments.total, "adjustments"))
    columns.append(Column("3", "Tiếp nhận trong kỳ", "", lambda f: f.received_total, "received"))
    for number, title, name in (
        ("4", "Chuyển thẩm quyền (đến − đi)", "transferred"),
        ("5", "Kế thừa (đến − đi)", "succeeded"),
        ("6", "Đổi nhóm, hình thức", "reclassified"),
    ):
        if any(getattr(f, name) for f in moving):
            columns.append(Column(number, title, "", lambda f, name=name: int(getattr(f, name)), name))  # type: ignore[misc]
    for number, account in (("7", Account.EARLY), ("8", Account.ON_TIME), ("9", Account.LATE)):
        columns.append(
            Column(number, account.label, "", lambda f, a=account: f.ended_as(a), f"ended.{account}")  # type: ignore[misc]
        )
    columns += [
        Column("10", "Còn trong hạn", "", lambda f: f.closing.in_time, "closing.in_time"),
        Column("11", "Còn quá hạn", "", lambda f: f.closing.overdue, "closing.overdue"),
    ]
    if every.closing.waiting:
        columns += [
            Column("12", "Chờ, còn hạn", "", lambda f: f.closing.waiting_in_time, "closing.waiting_in_time"),
            Column("13", "Chờ, đã quá hạn", "", lambda f: f.closing.waiting_overdue, "closing.waiting_overdue"),
        ]
    return Form("Biểu tổng hợp", tuple(columns), _rows(made, tuple(columns)), tuple(notes(made)))


FORMS: Mapping[str, Callable[[Statement], Form]] = {"06a": form_06a, "14": form_internal, "full": form_full}


def _rows(made: Statement, columns: tuple[Column, ...]) -> tuple[Row, ...]:
    def values(figures: Figures) -> tuple[int | float | None, ...]:
        return tuple(column.figure(figures) for column in columns)

    rows: list[Row] = []
    levels = made.levels()
    for level, lines, subtotal in levels:
        if level and (len(levels) > 1 or made.by == "procedure"):
            rows.append(Row(level, values(subtotal), "subtotal"))
        rows += [Row(_label(made, line), values(line.figures), "line", line.key) for line in lines]
    rows.append(Row(made.total.label, values(made.total.figures), "total"))
    return tuple(rows)


def _label(made: Statement, line: Line) -> str:
    if made.by == "procedure" and line.label != line.key:
        return f"{line.key} · {line.label}"
    return line.label


def notes(made: Statement) -> list[str]:
    """What must be said under the table: «trong đó», adjustments, estimate, provisional, and the rule."""
    f = made.total.figures
    said: list[str] = []
    if f.closing.waiting:
        said.append(
            f"Đang giải quyết: trong đó {number(f.closing.waiting)} hồ sơ đang chờ bổ sung, chờ nghĩa vụ tài chính "
            f"hoặc tạm dừng ({number(f.closing.waiting_in_time)} dừng khi còn hạn, "
            f"{number(f.closing.waiting_overdue)} dừng khi đã quá hạn)."
        )
    without = {outcome: n for outcome, n in f.outcomes.items() if outcome in NOT_GRANTED and n}
    if without:
        parts = ", ".join(f"{number(n)} {NOT_GRANTED[outcome]}" for outcome, n in sorted(without.items()))
        said.append(f"Đã giải quyết: trong đó {number(sum(without.values()))} hồ sơ không có kết quả ({parts}).")
    if f.opening_succession:
        said.append(
            f"Kỳ trước chuyển sang: trong đó {number(f.opening_succession, sign=True)} hồ sơ do kế thừa đơn vị từ ngày "
            f"{made.start:%d/%m/%Y}."
        )
    moved = [line.figures for line in made.lines if line.figures.moved]
    if moved or f.moved:
        inside = sum(max(figures.moved, 0) for figures in moved)
        said.append(
            f"Chuyển giữa các dòng: {number(inside)} hồ sơ chuyển đến; ra, vào ngoài phạm vi của biểu: "
            f"{number(f.moved, sign=True)}."
        )
    if made.chain is not None:
        said.append(
            f"Nối tiếp bản chốt {made.chain.number}: kỳ trước đã báo cáo còn {number(made.chain.closing)} hồ sơ; điều "
            f"chỉnh do ghi nhận sau đó {number(f.adjustments.total, sign=True)}."
        )
        for held, word, sign in ((made.chain.came, "thêm", 1), (made.chain.left, "bớt", -1)):
            if held:
                names = "; ".join(f"{name} {number(sign * n, sign=True)}" for name, n in held)
                said.append(f"Phạm vi của biểu {word} đơn vị so với bản chốt {made.chain.number}: {names} hồ sơ.")
    said += [
        f"«{each.name}» chuyển từ «{each.earlier}» sang «{each.later}» từ ngày {each.day:%d/%m/%Y}: cả kỳ chỉ tính ở "
        f"«{each.later}»."
        for each in made.regrouped
    ]
    if made.estimate:
        said.append(
            f"SỐ ƯỚC: kỳ đến hết ngày {made.end:%d/%m/%Y}, số liệu tính đến hết ngày {made.counted_to:%d/%m/%Y}."
        )
    if made.provisional:
        said.append(f"Ngày cuối chưa hết: tạm tính đến {clock.local(made.as_of):%H:%M ngày %d/%m/%Y}.")
    said.append(made.rule)
    return said


def header(made: Statement) -> list[str]:
    """The lines above the table: what, of whom, for which days, known when."""
    names = ", ".join(name for _, name in made.units)
    known = made.known_at or (
        f"nối tiếp bản chốt {made.chain.number}" if made.chain else "theo tất cả những gì đã biết đến nay"
    )
    return [
        f"{Book(made.book).label} · {names}",
        f"Từ ngày {made.start:%d/%m/%Y} đến hết ngày {made.end:%d/%m/%Y} · {known} · bút toán {number(made.watermark)}",
    ]


def number(value: float | None, *, sign: bool = False) -> str:
    """A number as Viet Nam writes it: 22.318, 99,95; nothing is a dash."""
    if value is None:
        return "–"
    sign = sign and bool(value)
    if isinstance(value, float):
        text = f"{value:+,.2f}" if sign else f"{value:,.2f}"
    else:
        text = f"{value:+,d}" if sign else f"{value:,d}"
    return text.translate(str.maketrans(",.", ".,"))
