"""A proof that one statement is in a sealed month, which names no other: a Merkle tree over the statements' folders.

A leaf is the SHA-256 of a zero byte and the folder's lines in SHA256SUMS; a node is the SHA-256 of a one byte and its
two children. A node without a neighbour goes up as it is. Leaves stand in the order of SHA256SUMS.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from rules.archive.layout import STATEMENTS

Side = tuple[str, str]
"""A neighbour on the way up: `left` or `right`, and its digest."""


def leaves(listed: Mapping[str, str]) -> dict[str, str]:
    """Return the leaf of each partner's folder, from path -> digest as SHA256SUMS lists it."""
    lines: dict[str, list[str]] = {}
    for path, digest in sorted(listed.items()):
        if path.startswith(f"{STATEMENTS}/"):
            lines.setdefault(path.split("/")[1], []).append(f"{digest}  {path}\n")
    return {partner: sha256(b"\0" + "".join(mine).encode()).hexdigest() for partner, mine in lines.items()}


def root(digests: Sequence[str]) -> str:
    """Return the digest that stands for all leaves; blank where there is none."""
    row = list(digests)
    while len(row) > 1:
        row = _above(row)
    return row[0] if row else ""


def proof(digests: Sequence[str], place: int) -> list[Side]:
    """Return the neighbours on the way from the leaf in a place up to the root."""
    row, sides = list(digests), []
    while len(row) > 1:
        neighbour = place ^ 1
        if neighbour < len(row):
            sides.append(("left" if neighbour < place else "right", row[neighbour]))
        row, place = _above(row), place // 2
    return sides


def climbed(leaf: str, sides: Sequence[Side]) -> str:
    """Return the root that a leaf and its neighbours lead to."""
    for side, digest in sides:
        leaf = _node(digest, leaf) if side == "left" else _node(leaf, digest)
    return leaf


def _above(row: Sequence[str]) -> list[str]:
    pairs = [_node(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)]
    return pairs + ([row[-1]] if len(row) % 2 else [])


def _node(left: str, right: str) -> str:
    return sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
