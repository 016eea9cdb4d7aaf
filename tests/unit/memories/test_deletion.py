import pytest

from apps.common.actor import SYSTEM
from apps.common.errors import NotFound
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.instance import JOURNAL, read_instance_secret
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.memories import update_memory
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities, parse_filters
from apps.memories.models import Erasure, Memory, Vector, Version
from tests.support.kernel import add, dump_rows, find, find_plain

WORDS = ["Zanzibar7", "Timbuktu8", "quetzal9", "Nadja55", "external-42"]


def delete(tenant, memory_id):
    delete_memory(tenant_id=tenant.id, memory_id=memory_id, by=SYSTEM)


def delete_all(tenant, raw):
    return delete_memories(tenant_id=tenant.id, filters=parse_filters(raw), by=SYSTEM)


@pytest.fixture
def written(tenant):
    """A memory with a second version and words that can be looked for."""
    [memory_id] = add(
        tenant, ("Nadja55", "Zanzibar7"), metadata={"quetzal9": 1}, user="external-42", run="monday"
    )
    update_memory(tenant_id=tenant.id, memory_id=memory_id, text="Timbuktu8", by=SYSTEM)
    return memory_id


def test_delete_leaves_a_tombstone_without_anything_readable(tenant, written):
    delete(tenant, written)

    with tenant_scope(tenant.id):
        row = Memory.objects.filter(id=written).values().get()
        assert [row[name] for name in ("text", "metadata", "categories", "speaker", "digest")] == [
            None
        ] * 5
        assert row["deleted_at"] == row["updated_at"] is not None
        assert Vector.objects.count() == 0


def test_delete_leaves_the_history_without_text(tenant, written):
    delete(tenant, written)

    with tenant_scope(tenant.id):
        rows = Version.objects.order_by("number").values_list("number", "event", "text", "metadata")
        assert list(rows) == [
            (1, "ADD", None, None),
            (2, "UPDATE", None, None),
            (3, "DELETE", None, None),
        ]


def test_delete_destroys_the_ciphertext_of_every_version(tenant, written):
    with tenant_scope(tenant.id):
        sealed = [bytes(each).hex() for each in Version.objects.values_list("text", flat=True)]
        sealed += [bytes(each).hex() for each in Version.objects.values_list("metadata", flat=True)]
        sealed += [bytes(each).hex() for each in Memory.objects.values_list("speaker", flat=True)]
    assert len(sealed) == 5

    delete(tenant, written)

    dump = dump_rows(tenant.id)
    for ciphertext in sealed:
        assert find_plain(dump, ciphertext) == set()


def test_nothing_planted_is_plain_before_or_after(tenant, written):
    for step in (lambda: None, lambda: delete(tenant, written)):
        step()
        dump = dump_rows(tenant.id)
        assert len(dump["memories.Entity"]) == 2
        assert {word: find_plain(dump, word) for word in WORDS} == {word: set() for word in WORDS}


def test_delete_writes_a_keyed_hash_into_the_journal(tenant, written):
    delete(tenant, written)

    expected = read_instance_secret(JOURNAL).digest(b"memory", tenant.id.bytes, written.bytes)
    with tenant_scope(tenant.id):
        [row] = Erasure.objects.all()
        assert [bytes(digest) for digest in row.digests] == [expected]


@pytest.mark.parametrize("which", ["gone", "theirs", "unknown"])
def test_delete_of_a_memory_that_is_not_there_is_not_found(tenant, other_tenant, written, which):
    [theirs] = add(other_tenant, "theirs")
    delete(tenant, written)

    with pytest.raises(NotFound):
        delete(tenant, {"gone": written, "theirs": theirs, "unknown": uuid7()}[which])

    assert find(other_tenant, "theirs") == ["theirs"]


def test_delete_by_filter_takes_what_matches_and_no_more(tenant):
    add(tenant, "one", "two", user="ada")
    add(tenant, "three", user="ada", run="monday")
    add(tenant, "four", user="bob")

    assert delete_all(tenant, {"user_id": "ada"}) == 3
    assert delete_all(tenant, {"user_id": "ada"}) == 0

    assert find(tenant, "x", {"user_id": "*"}) == ["four"]
    with tenant_scope(tenant.id):
        [row] = Erasure.objects.all()
        assert (len(row.digests), Vector.objects.count()) == (3, 1)


def test_delete_of_everything_ends_at_the_tenant(tenant, other_tenant):
    add(tenant, "one", agent="bot")
    add(tenant, "two", run="monday")
    add(other_tenant, "theirs")

    everything = match_entities(dict.fromkeys(EntityKind, "*"))

    assert delete_memories(tenant_id=tenant.id, filters=everything, by=SYSTEM) == 2
    assert find(other_tenant, "x") == ["theirs"]


def test_delete_of_an_unknown_entity_takes_nothing(tenant):
    add(tenant, "one")

    assert delete_all(tenant, {"user_id": "nobody"}) == 0
    assert find(tenant, "x") == ["one"]
