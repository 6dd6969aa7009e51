"""The seal of a backup: all items of the copy in one signed hash, to be held against what a restore has put back."""

import json
from collections.abc import Iterable
from typing import Any

from motcua.core import clock
from motcua.ledger import checkpoint, merkle


def sealed(
    leaves: Iterable[merkle.Leaf], items: int, *, watermark: int, last_event: int, series: dict[str, int]
) -> Any:
    """A checkpoint over every item of a copy (in order of bytes), in the form of the daily ones, signed."""
    tree, blocks = merkle.build(leaves, merkle.block_size(items))
    document: dict[str, Any] = {
        "format": checkpoint.FORMAT,
        "day": clock.today().isoformat(),
        "made_at": clock.now().isoformat(),
        "watermark": watermark,
        "last_event": last_event,
        "items": tree.count,
        "root": tree.root(),
        "previous_root": "",
        "blocks": [[b.book, b.code, b.count, b.root] for b in blocks],
        "series": series,
    }
    key = checkpoint.signing_key()
    made = {
        "document": document,
        "signature": key.sign(checkpoint.signed_bytes(document)).hex(),
        "public_key": checkpoint.public_hex(key.public_key()),
    }
    # As it will be read back, so that what is signed is what is kept.
    return json.loads(json.dumps(made))
