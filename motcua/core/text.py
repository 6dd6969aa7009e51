"""Vietnamese text: one spelling of each letter, a folded form to search by, a key to sort by."""

import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "d"})
# The order of the Vietnamese alphabet; tones come after letters, in the dictionary's order
# (ngang huyền hỏi ngã sắc nặng).
_LETTERS = {c: i for i, c in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=1)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def nfc(text: str) -> str:
    """The composed form (NFC): how every text is stored."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """One line of typed text: NFC, no control or invisible characters, single spaces, trimmed."""
    kept = (" " if unicodedata.category(c)[0] in "ZC" else c for c in nfc(text))
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """The form to search by: lower case, without diacritics, đ as d. "Đức" and "duc" fold alike."""
    bare = unicodedata.normalize("NFD", text.translate(_D))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).casefold().split())


def sort_key(text: str) -> str:
    """A string that sorts, byte by byte, as a Vietnamese dictionary does; for SQLite, which has no such order.

    Letters first over the whole text, tones only to part texts whose letters are alike.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in nfc(text).casefold():
        parts = unicodedata.normalize("NFD", char)
        tone = next((t for c in parts if (t := _TONES.get(c))), 0)
        base = nfc("".join(c for c in parts if c not in _TONES))
        rank = _LETTERS.get(base)
        if rank is not None:
            letters.append(chr(0x60 + rank))
            tones.append(str(tone))
        else:
            letters.append(char if char < "`" else chr(0x60 + len(_LETTERS) + 1) + char)
    return "".join(letters) + "\x01" + "".join(tones)
