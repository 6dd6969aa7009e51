"""One hash over many items, such that a difference can be narrowed down. Pure.

The tree of RFC 6962: a leaf is ``SHA-256(00 ‖ data)``, a node ``SHA-256(01 ‖ left ‖ right)``, the left side as many
leaves as the greatest power of two below their number. Blocks of a power of two leaves are therefore its subtrees.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Leaf = tuple[str, str, str]  # book, code, hash of the last event


def leaf_hash(leaf: Leaf) -> bytes:
    """The hash of an item's book, code and head, as a JSON list in ASCII."""
    data = json.dumps(leaf, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return hashlib.sha256(b"\x00" + data).digest()


@dataclass(slots=True)
class Tree:
    """Grows by one leaf at a time and holds no more than its right edge."""

    count: int = 0
    _edge: list[tuple[int, bytes]] = field(default_factory=list)  # (leaves beneath, hash), left to right

    def add(self, node: bytes, leaves: int = 1) -> None:
        """Append a leaf, or a whole subtree of a power of two leaves."""
        self.count += leaves
        while self._edge and self._edge[-1][0] == leaves:
            left = self._edge.pop()[1]
            node, leaves = _node(left, node), leaves * 2
        self._edge.append((leaves, node))

    def root(self) -> str:
        """The root in hexadecimal; of no leaves the hash of nothing."""
        if not self._edge:
            return hashlib.sha256(b"").hexdigest()
        node = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            node = _node(left, node)
        return node.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of items in order: the book and code of its last item, how many, and their root."""

    book: str
    code: str
    count: int
    root: str


def block_size(count: int, most: int = 256) -> int:
    """The power of two that makes at most about ``most`` blocks of ``count`` items."""
    size = 1
    while size * most < count:
        size *= 2
    return size


def build(leaves: Iterable[Leaf], size: int) -> tuple[Tree, list[Block]]:
    """The tree of leaves in order, and its blocks of ``size``."""
    whole, part, blocks = Tree(), Tree(), []
    last: Leaf | None = None
    for leaf in leaves:
        if last is not None and part.count == size:
            blocks.append(Block(last[0], last[1], part.count, part.root()))
            part = Tree()
        node = leaf_hash(leaf)
        whole.add(node)
        part.add(node)
        last = leaf
    if last is not None:
        blocks.append(Block(last[0], last[1], part.count, part.root()))
    return whole, blocks


def compare(leaves: Iterable[Leaf], blocks: list[Block]) -> Iterator[tuple[Block | None, Block | None, Block]]:
    """The stretches in which leaves in order differ from blocks made earlier: (the block before, it, what is now).

    ``it`` is None for items beyond the last block.
    """
    parts: list[Tree] = [Tree() for _ in blocks] + [Tree()]
    n, last = 0, ("", "")
    for leaf in leaves:
        while n < len(blocks) and (blocks[n].book, blocks[n].code) < leaf[:2]:
            n += 1
        parts[n].add(leaf_hash(leaf))
        last = leaf[:2]
    for i, part in enumerate(parts):
        block = blocks[i] if i < len(blocks) else None
        if (part.count, part.root()) == ((block.count, block.root) if block else (0, Tree().root())):
            continue
        book, code = (block.book, block.code) if block else last
        yield (blocks[i - 1] if i else None), block, Block(book, code, part.count, part.root())
