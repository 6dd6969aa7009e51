"""What looks off among figures: broken identities, jumps, the same as last time. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from motcua.indicators import expressions
from motcua.indicators.figure import MISSING, NONE, VALUE, Figure
from motcua.indicators.notation import shown_number

BROKEN, BEYOND, JUMP_BEFORE, JUMP_YEAR, SAME, GAP = "broken", "beyond", "jump", "jump_year", "same", "gap"
# A figure is worth a question when it is three times another, or a third of it, and not only a handful.
_TIMES, _HANDFUL = 3, 10


@dataclass(frozen=True, slots=True)
class Rule:
    """An identity without its database."""

    left: str
    relation: str
    right: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something to look at: ``kind`` for machines, ``said`` for people, ``codes`` the figures it is about."""

    kind: str
    said: str
    codes: tuple[str, ...]
    unit_id: int | None = None


def number_of(figures: Mapping[str, Figure], code: str) -> Decimal | None:
    """The number of a code for sums and comparisons: «không có» counts as nought, what is missing is unknown."""
    found = figures.get(code)
    if found is None or found.state == MISSING:
        return None
    return Decimal(0) if found.state == NONE else found.exact


def broken(
    figures: Mapping[str, Figure], rules: Iterable[Rule], before: Mapping[str, Figure] | None = None
) -> list[Oddity]:
    """Identities that do not hold, and parts larger than their whole. What is unknown is not judged."""
    found = []
    for rule in rules:
        other = before if rule.relation == "carried" else figures
        if other is None:
            continue
        left = expressions.value(rule.left, lambda code: number_of(figures, code))
        right = expressions.value(rule.right, lambda code, other=other: number_of(other, code))  # type: ignore[misc]
        if left is None or right is None:
            continue
        holds = left <= right if rule.relation == "at_most" else left == right
        if not holds:
            codes = tuple(dict.fromkeys([*expressions.codes(rule.left), *expressions.codes(rule.right)]))
            found.append(Oddity(BROKEN, _said(figures, rule, left, right), codes))
    found += [_beyond(f) for f in figures.values() if _too_much(f)]
    return found


def _too_much(figure: Figure) -> bool:
    if figure.meaning.kind != "ratio" or figure.meaning.may_exceed or figure.state != VALUE or figure.value is None:
        return False
    return not 0 <= figure.value <= 100


def _beyond(figure: Figure) -> Oddity:
    return Oddity(
        BEYOND, f"«{figure.meaning.name}» là {figure.shown}%, phải từ 0 đến 100%: xem lại tử số và mẫu số.",
        (figure.code,),
    )  # fmt: skip


def _said(figures: Mapping[str, Figure], rule: Rule, left: Decimal, right: Decimal) -> str:
    def name(code: str) -> str:
        return figures[code].meaning.name if code in figures else code

    words = {"equal": "phải bằng", "at_most": "không được lớn hơn", "carried": "phải bằng số kỳ trước của"}
    gap = shown_number(abs(left - right))
    return (
        f"{expressions.spoken(rule.left, name)} ({shown_number(left)}) {words[rule.relation]} "
        f"{expressions.spoken(rule.right, name)} ({shown_number(right)}); lệch {gap}."
    )


def jumps(
    figures: Mapping[str, Figure], earlier: Mapping[str, Figure], kind: str, when: str
) -> list[Oddity]:  # fmt: skip
    """Figures three times those of an earlier window, or a third of them. Ratios: more than 20 points apart.

    A window of which nothing but noughts is known is no measure: figures were not kept yet.
    """
    if not any(then.state == VALUE and then.value for then in earlier.values()):
        return []
    found = []
    for code, now in figures.items():
        then = earlier.get(code)
        if then is None or now.value is None or then.value is None or VALUE not in (now.state,) or then.state != VALUE:
            continue
        if now.meaning.kind == "ratio":
            odd = abs(now.value - then.value) > 20
        else:
            low, high = sorted((abs(now.value), abs(then.value)))
            odd = high >= _HANDFUL and high > low * _TIMES
        if odd:
            found.append(Oddity(kind, f"«{now.meaning.name}»: {now.shown}, {when} {then.shown}.", (code,)))
    return found


def same_as(figures: Mapping[str, Figure], earlier: Mapping[str, Figure], codes: Sequence[str]) -> list[Oddity]:
    """The typed figures are word for word those of the last window: one oddity, where at least three say something."""
    typed = [code for code in codes if code in figures and figures[code].where == "manual"]
    told = [code for code in typed if figures[code].state == VALUE and figures[code].value != 0]
    if len(told) < 3 or any(_word(figures[code]) != _word(earlier.get(code)) for code in typed):
        return []
    return [Oddity(SAME, f"{len(told)} số liệu nhập tay giống hệt kỳ trước: có phải chép lại không?", tuple(told))]


def _word(figure: Figure | None) -> tuple[object, ...]:
    if figure is None:
        return (MISSING,)
    return (figure.state, figure.value, figure.numerator, figure.denominator, figure.text)
