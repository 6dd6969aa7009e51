"""Office files are zip archives: the same parts packed the same way, whenever and wherever it is done."""

import io
import zipfile

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_FIRST = "[Content_Types].xml"  # readers look for it at the front


def stable(archive: bytes) -> bytes:
    """The archive packed anew: parts in one order, no time stamps, no traces of the machine."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(given.namelist(), key=lambda name: (name != _FIRST, name)):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, given.read(name))
    return held.getvalue()
