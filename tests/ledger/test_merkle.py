"""One hash over many items. No database."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.ledger import merkle

pytestmark = pytest.mark.pure


def leaves(n: int) -> list[merkle.Leaf]:
    return [("dossier", f"H59-{i:05}", hashlib.sha256(str(i).encode()).hexdigest()) for i in range(n)]


def by_the_book(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_book(hashes[:k]) + by_the_book(hashes[k:])).digest()


@given(st.integers(0, 300), st.sampled_from([1, 2, 8, 64, 512]))
def test_the_root_is_that_of_the_rfc_and_follows_from_the_blocks(n: int, size: int) -> None:
    tree, blocks = merkle.build(leaves(n), size)
    assert tree.root() == by_the_book([merkle.leaf_hash(leaf) for leaf in leaves(n)]).hex()
    assert sum(block.count for block in blocks) == n == tree.count
    again = merkle.Tree()
    for block in blocks:
        again.add(bytes.fromhex(block.root), block.count)
    assert again.root() == tree.root()
    assert list(merkle.compare(leaves(n), blocks)) == []


@given(st.integers(1, 120), st.data())
def test_any_difference_is_found_in_its_stretch(n: int, data: st.DataObject) -> None:
    there = leaves(n)
    _, blocks = merkle.build(there, 8)
    place = data.draw(st.integers(0, n - 1))
    change = data.draw(st.sampled_from(["head", "removed", "added"]))
    code = there[place][1]
    if change == "head":
        there[place] = (*there[place][:2], "0" * 64)
    elif change == "removed":
        del there[place]
    else:
        code += "x"
        there.insert(place + 1, ("dossier", code, "0" * 64))
    found = list(merkle.compare(there, blocks))
    assert len(found) == 1
    before, block, _ = found[0]
    assert before is None or before.code < code
    assert block is None or code <= block.code


@pytest.mark.parametrize(("count", "size"), [(0, 1), (1, 1), (256, 1), (257, 2), (1_000_000, 4096)])
def test_blocks_are_few(count: int, size: int) -> None:
    assert merkle.block_size(count) == size
