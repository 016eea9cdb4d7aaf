"""Sealed fields: plain on the instance, ciphertext in the database, bound to their row."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.common.crypto import SealBroken
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.fields import Sealed
from apps.keys.models import EntityKey
from apps.keys.queries import open_rows, with_keys
from apps.keys.ring import KeyDestroyed, current_ring
from apps.memories.models import Entity, Memory, Version
from tests.support.kernel import add, dump_rows, find_plain
from tests.support.sentinel import bare_cursor

TEXT = "Zanzibar7 is where the keys lie"
METADATA = {"quetzal9": ["a", 1, None, True]}


def move(table, column, source, target, source_column=None):
    """Copy one row's ciphertext into another, as somebody with the database could."""
    with bare_cursor("attacks") as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} ="
            f" (SELECT {source_column or column} FROM {table} WHERE id = %s) WHERE id = %s",
            [source, target],
        )


def destroy_keys():
    EntityKey.objects.update(wrapped=None, destroyed_at=timezone.now())


def test_sealed_values_come_back(tenant):
    [memory_id] = add(tenant, ("Nadja", TEXT), metadata=METADATA)

    with tenant_scope(tenant.id):
        row = Memory.objects.get(id=memory_id)

        assert (row.text, row.metadata, row.speaker) == (TEXT, METADATA, "Nadja")


def test_sealed_value_is_opened_once(tenant, monkeypatch):
    [memory_id] = add(tenant, TEXT)
    opened = []
    field = Memory._meta.get_field("text")
    open_value = field.open
    monkeypatch.setattr(field, "open", lambda *args: opened.append(1) or open_value(*args))

    with tenant_scope(tenant.id):
        row = Memory.objects.get(id=memory_id)

        assert [opened[:], row.text, row.text, opened] == [[], TEXT, TEXT, [1]]


def test_rows_are_opened_for_after_the_scope(tenant):
    [memory_id] = add(tenant, ("Nadja", TEXT), metadata=METADATA)

    with tenant_scope(tenant.id):
        rows = with_keys(Memory.objects.filter(id=memory_id).defer("categories"))
        open_rows(rows)

    [row] = rows
    assert (row.text, row.metadata, row.speaker, row.inferred) == (TEXT, METADATA, "Nadja", None)
    assert row.get_deferred_fields() == {"categories"}


def test_names_are_opened_without_instances(tenant):
    add(tenant, "one", user="ada")
    add(tenant, "two", user="bob")

    with tenant_scope(tenant.id):
        rows = {row.id: row for row in with_keys(Entity.objects.all(), owner="id")}
        sealed = [(row.id, vars(row)["external_id"]) for row in rows.values()]
        names = dict(Entity._meta.get_field("external_id").open_own(sealed))

        assert names == {row.id: row.external_id for row in rows.values()}
        assert sorted(names.values()) == ["ada", "bob"]
        with pytest.raises(SealBroken):  # each name opens for its own row alone
            swapped = zip(names, [value for _, value in reversed(sealed)], strict=True)
            list(Entity._meta.get_field("external_id").open_own(swapped))


def test_database_holds_no_plain_bytes(tenant):
    add(tenant, ("Nadja", TEXT), metadata=METADATA, user="external-42")

    dump = dump_rows(tenant.id)

    assert len(dump["memories.Memory"]) == len(dump["memories.Version"]) == 1
    for word in ("Zanzibar7", "quetzal9", "Nadja", "external-42"):
        assert find_plain(dump, word) == set()


def test_scan_for_plain_bytes_finds_what_is_there(tenant):
    assert find_plain(dump_rows(tenant.id), "Harbour Clinic") == {"tenants.Tenant"}


def test_equal_texts_have_unequal_ciphertexts(tenant):
    add(tenant, TEXT, user="ada")
    add(tenant, TEXT, user="bob")

    with tenant_scope(tenant.id):
        assert len({bytes(each) for each in Memory.objects.values_list("text", flat=True)}) == 2


def test_ciphertext_of_another_row_is_refused(tenant):
    first, second = add(tenant, "one", "two")

    with tenant_scope(tenant.id):
        move("memories_memory", "text", first, second)

        assert Memory.objects.get(id=first).text == "one"
        with pytest.raises(SealBroken):
            _ = Memory.objects.get(id=second).text


def test_ciphertext_of_another_field_is_refused(tenant):
    [memory_id] = add(tenant, ("Nadja", TEXT))

    with tenant_scope(tenant.id):
        move("memories_memory", "text", memory_id, memory_id, "speaker")

        with pytest.raises(SealBroken):
            _ = Memory.objects.get(id=memory_id).text


def test_ciphertext_of_another_entity_is_refused(tenant):
    [first] = add(tenant, "one", user="ada")
    [second] = add(tenant, "two", user="bob")

    with tenant_scope(tenant.id):
        move("memories_memory", "text", first, second)

        with pytest.raises(SealBroken):
            _ = Memory.objects.get(id=second).text


def test_ciphertext_of_the_same_field_of_a_version_is_refused(tenant):
    [memory_id] = add(tenant, TEXT)

    with tenant_scope(tenant.id), bare_cursor("attacks") as cursor:
        cursor.execute("UPDATE memories_memory SET text = (SELECT text FROM memories_version)")

        with pytest.raises(SealBroken):
            _ = Memory.objects.get(id=memory_id).text


def test_row_given_to_another_owner_is_refused(tenant):
    [memory_id] = add(tenant, TEXT, user="ada", agent="bot")

    with tenant_scope(tenant.id):
        Memory.objects.update(key_owner=Entity.objects.get(kind="agent"))

        with pytest.raises(SealBroken):
            _ = Memory.objects.get(id=memory_id).text


@pytest.mark.parametrize("name", ["text", "metadata", "speaker"])
def test_update_with_a_plain_value_is_refused(tenant, name):
    [memory_id] = add(tenant, TEXT)

    with tenant_scope(tenant.id):
        with pytest.raises(TypeError, match=f"{name} is sealed per row"), transaction.atomic():
            Memory.objects.filter(id=memory_id).update(**{name: "plain"})

        assert Memory.objects.get(id=memory_id).text == TEXT


def test_lookup_by_a_plain_value_is_refused(tenant):
    with tenant_scope(tenant.id), pytest.raises(TypeError, match="sealed per row"):
        Memory.objects.filter(text="plain").exists()


def test_bulk_update_is_refused(tenant):
    [memory_id] = add(tenant, TEXT)

    with pytest.raises(TypeError, match="sealed per row"), tenant_scope(tenant.id):
        row = Memory.objects.get(id=memory_id)
        row.text = "plain"
        Memory.objects.bulk_update([row], ["text"])


def test_null_stays_null(tenant):
    [memory_id] = add(tenant, TEXT)

    with tenant_scope(tenant.id):
        assert Memory.objects.filter(metadata=None, categories=None, speaker=None).count() == 1
        row = Memory.objects.get(id=memory_id)
        assert (row.metadata, row.categories, row.speaker) == (None, None, None)


def test_bulk_create_seals_each_row(tenant):
    [memory_id] = add(tenant, TEXT)
    with tenant_scope(tenant.id):
        owner = Memory.objects.get(id=memory_id).key_owner_id
        fields = {"memory_id": memory_id, "key_owner_id": owner, "event": "UPDATE"}

        Version.objects.bulk_create(
            Version(number=n, text=f"state {n}", created_at=timezone.now(), **fields)
            for n in (2, 3)
        )

        rows = Version.objects.filter(number__gt=1).order_by("number")
        assert [row.text for row in rows] == ["state 2", "state 3"]
        assert {type(value) for value in rows.values_list("text", flat=True)} == {Sealed}


def test_saving_again_an_unopened_row_keeps_its_value(tenant):
    [memory_id] = add(tenant, TEXT)

    with tenant_scope(tenant.id):
        Memory.objects.get(id=memory_id).save()

        assert Memory.objects.get(id=memory_id).text == TEXT


def test_deferred_sealed_field_is_read_when_asked_for(tenant):
    [memory_id] = add(tenant, TEXT)

    with tenant_scope(tenant.id):
        assert Memory.objects.defer("text").get(id=memory_id).text == TEXT


def test_destroyed_key_is_a_conflict_on_reading(tenant):
    [memory_id] = add(tenant, TEXT)

    with tenant_scope(tenant.id):
        destroy_keys()
    with tenant_scope(tenant.id), pytest.raises(KeyDestroyed) as error:
        _ = Memory.objects.get(id=memory_id).text

    assert error.value.status == 409


def test_destroyed_key_is_a_conflict_on_writing(tenant):
    add(tenant, TEXT)
    with tenant_scope(tenant.id):
        destroy_keys()

    with pytest.raises(KeyDestroyed):
        add(tenant, "another")

    with tenant_scope(tenant.id):
        assert (Memory.objects.count(), EntityKey.objects.count()) == (1, 1)


def test_destroyed_key_leaves_other_entities_readable(tenant):
    [first] = add(tenant, "one", user="ada")
    [second] = add(tenant, "two", user="bob")

    with tenant_scope(tenant.id):
        owner = Memory.objects.get(id=first).key_owner_id
        EntityKey.objects.filter(id=owner).update(wrapped=None, destroyed_at=timezone.now())
    with tenant_scope(tenant.id):
        assert Memory.objects.get(id=second).text == "two"
        with pytest.raises(KeyDestroyed):
            current_ring().entity(owner)


def test_unknown_key_is_a_destroyed_one(tenant):
    with tenant_scope(tenant.id), pytest.raises(KeyDestroyed):
        current_ring().entity(uuid7())


def test_key_is_wrapped_or_destroyed(tenant):
    add(tenant, TEXT)

    for change in ({"wrapped": None}, {"destroyed_at": timezone.now()}):
        with pytest.raises(IntegrityError, match="wrapped_or_destroyed"), tenant_scope(tenant.id):
            EntityKey.objects.update(**change)
