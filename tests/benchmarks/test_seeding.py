import pytest
from benchmarks.driver import Target
from benchmarks.seeding import Layout, add_requests


@pytest.mark.parametrize(
    ("memories", "small", "medium", "large"),
    [
        (100_000, (1000, 30), (60, 1000), 10_000),
        (10_000, (100, 30), (6, 1000), 1_000),
        (1_000, (10, 30), (1, 600), 100),
    ],
)
def test_the_layout_keeps_its_proportions(memories, small, medium, large):
    layout = Layout.plan(memories, "x")

    assert (len(layout.small), layout.small[0].size) == small
    assert (len(layout.medium), layout.medium[0].size) == medium
    assert layout.large.size == large
    assert sum(user.size for user in layout.users()) == memories


def test_a_prefix_always_brings_the_same_sentences():
    target = Target.parse("http://127.0.0.1:1", "key")
    first, again, other = (
        list(add_requests(target, Layout.plan(1_000, prefix).users())) for prefix in "xxy"
    )

    assert first == again != other
    assert sum(request.times for request in first) == 1_000
