"""Merkle trees as in RFC 9162: leaves and nodes are hashed apart, so neither passes for the other.

A level is made by hashing neighbours; an odd last one goes up unchanged, which gives that tree.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A step from a leaf to the root: the hash beside it, and on which side that stands."""

    hash: bytes
    is_left: bool


def hash_leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def compute_root(leaves: Sequence[bytes]) -> bytes:
    """Of one leaf or more."""
    level = leaves
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def make_path(leaves: Sequence[bytes], place: int) -> list[Neighbour]:
    """The inclusion proof of the leaf at this place, from below."""
    path, level = [], leaves
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(Neighbour(level[beside], is_left=beside < place))
        level, place = _next_level(level), place // 2
    return path


def climb(leaf: bytes, path: Sequence[Neighbour]) -> bytes:
    """The root to which the path leads."""
    for step in path:
        leaf = hash_node(step.hash, leaf) if step.is_left else hash_node(leaf, step.hash)
    return leaf


def _next_level(level: Sequence[bytes]) -> list[bytes]:
    pairs = zip_longest(level[::2], level[1::2])
    return [left if right is None else hash_node(left, right) for left, right in pairs]
