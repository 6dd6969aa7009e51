"""The QR of a dossier: an address to look it up at, drawn as SVG, and the code read back from what a scanner types."""

import io
from urllib.parse import parse_qs, quote, unquote, urlsplit

import segno

from motcua.core.text import clean


def link(code: str, address: str) -> str:
    """What the QR of ``code`` says. ``address`` holds ``{code}``; without one the code stands alone."""
    return address.replace("{code}", quote(code, safe="")) if "{code}" in address else code


def code_in(scanned: str) -> str:
    """The dossier code in what a scanner typed: an address of ours (``?ma=…`` or its last part) or the code itself."""
    text = clean(scanned)[:500]
    if "://" not in text:
        return text
    parts = urlsplit(text)
    for key in ("ma", "code", "mahoso"):
        found = parse_qs(parts.query).get(key)
        if found:
            return clean(found[0])
    return clean(unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]))


def svg(text: str) -> str:
    """The QR as SVG without a border (papers leave the quiet zone); corrects 15 % damage. Pure."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=1, omitsize=True)
    return drawn.getvalue().decode()


__all__ = ["code_in", "link", "svg"]
