"""What a dossier's fee lines come to: pure. Amounts are whole đồng; nothing that is unclear is ever guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from motcua.core.errors import Invalid
from motcua.core.text import clean
from motcua.procedures.choices import FeeState
from motcua.procedures.models import FeeLine

# Beyond any public fee: a slip of the keyboard.
MOST = 1_000_000_000_000
MOST_QUANTITY = 100_000
_REASON_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Due:
    """One fee of a dossier: what the catalogue says and what is to be paid.

    ``by_rule`` is None where the catalogue does not say clearly. ``amount`` other than ``by_rule``, or a claimed group
    of exemption, needs a ``reason`` (paper and number that prove it).
    """

    name: str
    amount: int
    by_rule: int | None = None
    quantity: int = 1
    fee_line: int | None = None
    exempt_group: str = ""
    reason: str = ""


def reckon(lines: Sequence[FeeLine], quantity: int = 1, *, copies: int = 1) -> list[Due]:
    """The fees of ``copies`` things of ``quantity`` units each (pages of a copied paper), by the lines that hold.

    Lines counted by the same unit with rising ``from_quantity`` are tiers of one fee: 2.000 for the first two pages,
    1.000 from the third. A line without clear amount gives a fee whose ``by_rule`` is None and whose amount is 0; "no
    information" gives none.
    """
    check_quantity(quantity)
    check_quantity(copies)
    found: list[Due] = []
    stated: list[list[FeeLine]] = []
    for line in lines:
        if line.state == FeeState.NONE:
            continue
        if line.state == FeeState.UNCLEAR or line.amount is None:
            found.append(
                Due(name=name_of(line), amount=0, by_rule=None, fee_line=line.pk, exempt_group=line.exempt_group)
            )
            continue
        ladder = next((t for t in stated if t[0].per == line.per and t[-1].from_quantity < line.from_quantity), None)
        if ladder is None:
            stated.append([line])
        else:
            ladder.append(line)
    for ladder in stated:
        each = _tiers(ladder, quantity)
        first = ladder[0]
        found.append(
            Due(
                name=name_of(first),
                amount=each * copies,
                by_rule=each * copies,
                quantity=quantity * copies,
                fee_line=first.pk,
                exempt_group=first.exempt_group,
            )
        )
    return found


def _tiers(ladder: Sequence[FeeLine], quantity: int) -> int:
    total = 0
    for line, after in zip(ladder, [*ladder[1:], None], strict=True):
        last = quantity if after is None else min(quantity, after.from_quantity - 1)
        total += max(0, last - line.from_quantity + 1) * (line.amount or 0)
    return total


def name_of(line: FeeLine) -> str:
    """What a fee is called on the receipt."""
    return f"Phí, lệ phí theo {line.per}" if line.per else "Phí, lệ phí"


def counted_by(lines: Sequence[FeeLine]) -> str:
    """The unit a clerk must count for these lines («trang»); "" where a dossier pays once."""
    return next((line.per for line in lines if line.per and line.per not in ONCE and line.amount), "")


# One dossier is one of these; nobody counts them.
ONCE = frozenset({"hồ sơ", "trường hợp", "lần", "việc", "lần đăng ký", "giấy"})


def check_quantity(quantity: int) -> None:
    """Refuse a number of pages or copies that cannot be."""
    if not 1 <= quantity <= MOST_QUANTITY:
        raise Invalid(f"Số lượng tính phí phải từ 1 đến {MOST_QUANTITY:,}.".replace(",", "."), field="quantity")


def settled(dues: Sequence[Due], *, amount: int | None = None, group: str = "", reason: str = "") -> list[Due]:
    """The fees as the clerk settles them: all together ``amount`` (None: by the catalogue), for a claimed group.

    One sum stands for all lines: the first takes the difference. Invalid where nothing says what the sum is.
    """
    reason = clean(reason)
    plain = [replace(due, exempt_group=group or due.exempt_group, reason=reason) for due in dues]
    if amount is None:
        return [due for due in plain if due.by_rule is not None]
    check_amount(amount)
    if not plain:
        return [Due(name="Phí, lệ phí", amount=amount, reason=reason, exempt_group=group)] if amount else []
    rest = amount
    kept: list[Due] = []
    for due in reversed(plain[1:]):
        part = min(rest, due.by_rule or 0)
        kept.append(replace(due, amount=part))
        rest -= part
    kept.append(replace(plain[0], amount=rest))
    return kept[::-1]


def check_amount(amount: int, *, field: str = "amount") -> None:
    """Refuse an amount that no fee has."""
    if not 0 <= amount <= MOST:
        raise Invalid("Số tiền phải từ 0 đến 1.000.000.000.000 đồng.", field=field)


def check(due: Due) -> None:
    """Refuse a fee whose deviation from the catalogue nobody explains."""
    check_amount(due.amount)
    check_quantity(due.quantity)
    if len(due.reason) > _REASON_LIMIT or len(due.name) > _REASON_LIMIT or len(due.exempt_group) > 120:
        raise Invalid("Tên khoản thu hoặc lý do dài quá mức cho phép.", field="reason", code="too_long")
    if not due.name:
        raise Invalid("Chưa ghi tên khoản thu.", field="name")
    if due.reason:
        return
    if due.exempt_group:
        raise Invalid(
            "Miễn, giảm theo đối tượng phải ghi giấy tờ chứng minh (tên, số giấy).", field="reason", code="no_reason"
        )
    if due.by_rule is not None and due.amount != due.by_rule:
        raise Invalid(
            f"Số tiền khác mức thu {vnd(due.by_rule)} của thủ tục thì phải ghi lý do.", field="reason", code="no_reason"
        )


def vnd(amount: int) -> str:
    """10000 → «10.000 đồng»."""
    return f"{amount:,} đồng".replace(",", ".")
