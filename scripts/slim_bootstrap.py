"""Make desk/bootstrap/bootstrap.desk.css: the rules of Bootstrap that the desk's pages can use, a tenth of the whole.

A rule stays when every class in it is a word of some template or script, or a class some form's field asks for; rules
without classes stay.
A test asks whether the committed file has every rule this makes, lest a class newly used be missing::

    python scripts/slim_bootstrap.py
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DESK = ROOT / "motcua" / "desk"
FOLDER = DESK / "static" / "desk" / "bootstrap"
WHOLE, SLIM = FOLDER / "bootstrap.min.css", FOLDER / "bootstrap.desk.css"

_WORD = re.compile(r"[A-Za-z][\w-]*")
_GIVEN = re.compile(r"""["']class["']: ["']([^"']*)["']""")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
# What no page asks for: a dark theme, and what Bootstrap's own script places, which the frame does without.
_NEVER = ("data-bs-theme=dark", "data-bs-popper")


def words() -> set[str]:
    """Every word that could be a class on a page."""
    found: set[str] = set()
    for file in [*DESK.rglob("templates/**/*.html"), *DESK.glob("static/desk/*.js")]:
        found.update(_WORD.findall(file.read_text(encoding="utf-8")))
    for file in DESK.rglob("*.py"):
        for classes in _GIVEN.findall(file.read_text(encoding="utf-8")):
            found.update(classes.split())
    return found


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """(what stands before the brace, what stands within) of each rule of a style sheet."""
    at = 0
    while (start := css.find("{", at)) >= 0:
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[at:start].strip(), css[start + 1 : end - 1]
        at = end


def slimmed(css: str, used: set[str]) -> str:
    """The rules whose classes are all used."""
    kept = []
    for head, body in blocks(css):
        if head.startswith(("@media", "@supports")):
            if inner := slimmed(body, used):
                kept.append(f"{head}{{{inner}}}")
        elif head.startswith("@"):
            if _WORD.findall(head)[-1] in used:
                kept.append(f"{head}{{{body}}}")
        else:
            selectors = [
                one
                for one in re.split(r",(?![^(]*\))", head)
                if used.issuperset(_CLASS.findall(one)) and not any(never in one for never in _NEVER)
            ]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "\n".join(kept)


def made() -> str:
    """The file as it is committed: with the licence's words on top, as the whole has them."""
    css = WHOLE.read_text(encoding="utf-8")
    licence = css[: css.index("*/") + 2]
    rules = re.sub(r"/\*.*?\*/", "", css.replace('@charset "UTF-8";', ""), flags=re.DOTALL)
    return f"{licence}\n{slimmed(rules, words())}\n"


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    SLIM.write_text(made(), encoding="utf-8")
    print(f"{SLIM.relative_to(ROOT)}: {SLIM.stat().st_size:,} bytes of {WHOLE.stat().st_size:,}")


if __name__ == "__main__":
    main()
