"""Who the pages' benchmark plants."""

from benchmarks.crowd import plan


def test_people_and_memories_are_as_many_as_asked_for():
    people = plan(100_000, 10_000)

    sizes = [size for _, size in people]
    assert (len(dict(people)), sum(sizes)) == (10_000, 100_000)
    assert (sizes[0], sizes.count(100), min(sizes)) == (10_000, 300, 6)
