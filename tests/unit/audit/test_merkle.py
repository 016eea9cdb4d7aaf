"""Trees as RFC 9162 defines them, by its own recursive words."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.merkle import climb, compute_root, hash_leaf, hash_node, make_path

# From the RFC's predecessor's reference implementation: the entries, and the root over the first n.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def define_root(leaves):
    """MTH of RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = define_root(leaves[:split]), define_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_those_of_the_reference(count):
    leaves = [hash_leaf(entry) for entry in ENTRIES[:count]]

    assert compute_root(leaves).hex() == ROOTS[count - 1]


@given(st.integers(1, 70), st.data())
def test_path_of_every_leaf_leads_to_the_root(count, data):
    leaves = [hash_leaf(str(number).encode()) for number in range(count)]
    place = data.draw(st.integers(0, count - 1))

    assert compute_root(leaves) == define_root(leaves)
    assert climb(leaves[place], make_path(leaves, place)) == define_root(leaves)


def test_another_leaf_leads_elsewhere():
    leaves = [hash_leaf(str(number).encode()) for number in range(7)]

    assert climb(hash_leaf(b"other"), make_path(leaves, 3)) != compute_root(leaves)


def test_leaf_and_node_of_the_same_bytes_differ():
    assert hash_leaf(b"a" * 64) != hash_node(b"a" * 32, b"a" * 32)
