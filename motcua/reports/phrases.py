"""Sentences that choose their words from the figures: a table of cases, the first that fits is said. Pure.

A case is a list of tests («full:A.2») and a text with figures in braces; a case without tests always fits. The tests
are a closed list, so that whoever writes a table cannot run anything; an office edits the finished sentence, not the
table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from motcua.core.errors import Invalid
from motcua.reports.figures import Figure, tokens


def _pair(figure: Figure) -> bool:
    return figure.state == "value" and figure.num is not None and bool(figure.den)


TESTS: Mapping[str, Callable[[Figure], bool]] = {
    # nobody has said anything
    "missing": lambda f: f.state == "missing",
    # said to be none, or a ratio of nothing
    "none": lambda f: f.state == "none" or (f.state == "value" and f.value is None and not f.words),
    "known": lambda f: f.state == "value" and (f.value is not None or bool(f.words)),
    "zero": lambda f: f.state == "value" and f.value == 0,
    "some": lambda f: f.state == "value" and bool(f.value),
    # every one of them: 32 of 32
    "full": lambda f: _pair(f) and f.num == f.den,
    "short": lambda f: _pair(f) and f.num is not None and f.den is not None and f.num < f.den,
    "estimate": lambda f: f.estimate,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to say it. ``when``: tests that must all hold, each «TEST:CODE»."""

    text: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence with its cases, in order; said only where one fits."""

    cases: tuple[Case, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The figures it asks about or prints, each once, as they come."""
        found: list[str] = []
        for case in self.cases:
            found += [test.partition(":")[2] for test in case.when]
            found += [code for code, _ in tokens(case.text)]
        return tuple(dict.fromkeys(found))


def checked(rows: Sequence[Mapping[str, object]]) -> Phrase:
    """A phrase from its rows («when», «text»); :class:`Invalid` names a test that there is not."""
    cases = []
    for row in rows:
        when = tuple(str(test) for test in row.get("when", ()))  # type: ignore[attr-defined]
        for test in when:
            name, _, code = test.partition(":")
            if name not in TESTS or not code:
                raise Invalid(f"Điều kiện «{test}» của câu không có trong bảng.", code="unknown_test")
        cases.append(Case(str(row["text"]), when))
    return Phrase(tuple(cases))


def say(phrase: Phrase, figures: Mapping[str, Figure]) -> str:
    """The text of the first case that fits, its figures still as tokens; "" where none does or a figure is not known
    to the report: a sentence is left out rather than printed with a hole."""
    for case in phrase.cases:
        named = [test.partition(":")[::2] for test in case.when]
        codes = {code for _, code in named} | {code for code, _ in tokens(case.text)}
        if codes <= figures.keys() and all(TESTS[name](figures[code]) for name, code in named):
            return case.text
    return ""


__all__ = ["TESTS", "Case", "Phrase", "checked", "say"]
