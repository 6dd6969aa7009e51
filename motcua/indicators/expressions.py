"""``code + code - code``: what formulas and identities are written in. Pure."""

import re
from collections.abc import Callable
from decimal import Decimal

from motcua.core.errors import Invalid

CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TERM = re.compile(r"\s*([+-])?\s*([a-z][a-z0-9_]{0,59}|\d{1,9})\s*")

Term = tuple[int, str]


def parse(expression: str) -> tuple[Term, ...]:
    """(sign, code or whole number) of every term. Raises :class:`Invalid` naming what cannot be read."""
    terms: list[Term] = []
    at = 0
    while at < len(expression):
        found = _TERM.match(expression, at)
        if found is None or (terms and found[1] is None):
            raise Invalid(f"Công thức «{expression}» không đọc được từ «{expression[at:][:30]}».")
        terms.append((-1 if found[1] == "-" else 1, found[2]))
        at = found.end()
    if not terms:
        raise Invalid("Công thức trống.")
    return tuple(terms)


def codes(expression: str) -> tuple[str, ...]:
    """The codes an expression names, each once, in order."""
    return tuple(dict.fromkeys(name for _, name in parse(expression) if not name.isdigit()))


def value(expression: str, number: Callable[[str], Decimal | None]) -> Decimal | None:
    """What it comes to; None as soon as one of its figures is unknown."""
    total = Decimal(0)
    for sign, name in parse(expression):
        found = Decimal(name) if name.isdigit() else number(name)
        if found is None:
            return None
        total += sign * found
    return total


def spoken(expression: str, name: Callable[[str], str]) -> str:
    """The expression with names instead of codes."""
    words = []
    for i, (sign, code) in enumerate(parse(expression)):
        mark = "−" if sign < 0 else "+" if i else ""
        words.append(f"{mark} {code if code.isdigit() else f'«{name(code)}»'}".strip())
    return " ".join(words)
