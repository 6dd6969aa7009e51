"""Finding a procedure by what somebody types: code, name, everyday words; marks missing, a letter wrong. Pure."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[a-z0-9]+")
# Words that say nothing about which procedure is meant.
_EMPTY = frozenset(
    ["lam", "xin", "thu", "tuc", "giai", "to", "cho", "cua", "ve", "va", "cac", "dang", "ki", "cap", "toi", "o"]
)

# Shorter runs of letters stand in too many names.
_LONG_ENOUGH_TO_JOIN = 6


def words(folded: str) -> list[str]:
    """The words of a folded text."""
    return _WORD.findall(folded)


def score(wanted: str, code: str, name: str, synonyms: Iterable[str]) -> int:
    """How well a procedure answers a folded search, 0 for not at all; higher is better.

    1000 the code · 900 an everyday word, word for word · 850 the whole name · below these: the phrase, all words, all
    words but for slips, the letters run together, slips in short words too; within each the more of the text it covers.
    """
    if not wanted:
        return 0
    digits = re.sub(r"\D", "", wanted)
    if wanted == code.casefold():
        return 1000
    if len(digits) >= 4 and not re.search(r"[a-z]", wanted) and digits in re.sub(r"\D", "", code):
        return 1000
    # "kí" and "ký", "quí" and "quý" are one word written two ways.
    wanted, name, said = _one_i(wanted), _one_i(name), [_one_i(s) for s in synonyms]
    if wanted in said:
        return 900
    if wanted == name:
        return 850
    asked = _telling(words(wanted))
    return max((_text_score(wanted, asked, text) for text in (name, *said)), default=0)


def _one_i(folded: str) -> str:
    return folded.replace("y", "i")


def _telling(found: list[str]) -> list[str]:
    return [word for word in found if word not in _EMPTY] or found


def _text_score(wanted: str, asked: list[str], text: str) -> int:
    there = words(text)
    if not asked or not there:
        return 0
    exact = [any(t.startswith(w) for t in there) for w in asked]
    covers = min(100, 100 * len(asked) // len(_telling(there)))
    if re.search(rf"\b{re.escape(wanted)}", text):
        return 600 + covers
    if all(exact):
        return 400 + covers
    if all(found or any(slip(w, t) for t in there) for w, found in zip(asked, exact, strict=True)):
        return 200 + covers
    # «khaisinh», or words split elsewhere than in the name.
    joined = wanted.replace(" ", "")
    if len(joined) >= _LONG_ENOUGH_TO_JOIN and joined in "".join(there):
        return 150 + covers
    # «khai sih»: a short word may have a slip too where another word is there to bear it out.
    if any(exact) and all(
        found or any(_short_slip(w, t) for t in there) for w, found in zip(asked, exact, strict=True)
    ):
        return 50 + covers
    return 0


def _short_slip(a: str, b: str) -> bool:
    """A slip that may be in a word of three letters, but not one that makes it two."""
    return min(len(a), len(b)) >= 3 and _one_edit(a, b)


def slip(a: str, b: str) -> bool:
    """Whether two words differ by one slip of the keyboard: a letter wrong, missing, too many, or two swapped.

    Short words are too alike for that: three letters and fewer must match.
    """
    if a == b:
        return True
    if min(len(a), len(b)) < 4 and max(len(a), len(b)) < 5:
        return len(a) == len(b) == 4 and _one_edit(a, b)
    return _one_edit(a, b)


def _one_edit(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        differ = [i for i in range(len(a)) if a[i] != b[i]]
        if len(differ) == 1:
            return True
        if len(differ) != 2 or differ[1] != differ[0] + 1:
            return False
        i, j = differ
        return a[i] == b[j] and a[j] == b[i]
    short, long = sorted((a, b), key=len)
    return any(short == long[:i] + long[i + 1 :] for i in range(len(long)))
