"""The QR of a dossier: an address to look it up at, drawn as SVG. ``dossiers.routine.scanned_code`` reads it back."""

import io
from urllib.parse import quote

import segno


def link(code: str, address: str) -> str:
    """What the QR of ``code`` says. ``address`` holds ``{code}``; without one the code stands alone."""
    return address.replace("{code}", quote(code, safe="")) if "{code}" in address else code


def svg(text: str) -> str:
    """The QR as SVG without a border (papers leave the quiet zone); corrects 15 % damage. Pure."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=1, omitsize=True)
    return drawn.getvalue().decode()


__all__ = ["link", "svg"]
