"""Destroying an entity's key: who waits for whom, and what is found afterwards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection

from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.models import EntityKey
from apps.keys.ring import KeyDestroyed, current_ring, destroy_entity_keys
from apps.memories.models import Entity, Memory
from tests.support.kernel import add
from tests.support.processes import wait_until


def ids_of(tenant):
    with tenant_scope(tenant.id):
        return list(Entity.objects.order_by("id").values_list("id", flat=True))


def destroy(tenant, *entity_ids):
    with tenant_scope(tenant.id):
        return destroy_entity_keys(entity_ids)


def count_waiting():
    """Sessions of this database that wait for a row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def in_thread(pool, call):
    """Run it on a connection of its own."""

    def run():
        try:
            return call()
        finally:
            connection.close()

    return pool.submit(run)


def test_destroyed_key_keeps_its_row_and_its_time(tenant):
    add(tenant, "a text", user="ada", agent="bot")
    first, second = ids_of(tenant)

    assert destroy(tenant, first, uuid7()) == 1

    with tenant_scope(tenant.id):
        rows = {row.id: row for row in EntityKey.objects.all()}
        assert (rows[first].wrapped, rows[second].destroyed_at) == (None, None)
        assert rows[first].destroyed_at is not None
        assert rows[second].wrapped is not None


def test_key_is_destroyed_once(tenant):
    add(tenant, "a text")
    [ada] = ids_of(tenant)
    destroy(tenant, ada)
    with tenant_scope(tenant.id):
        [at] = EntityKey.objects.values_list("destroyed_at", flat=True)

    assert destroy(tenant, ada) == 0

    with tenant_scope(tenant.id):
        assert list(EntityKey.objects.values_list("destroyed_at", flat=True)) == [at]


def test_key_of_another_tenant_stays(tenant, other_tenant):
    add(other_tenant, "a text")
    theirs = ids_of(other_tenant)

    assert destroy(tenant, *theirs) == 0

    with tenant_scope(other_tenant.id):
        assert EntityKey.objects.filter(wrapped__isnull=False).count() == 1


def test_scope_that_destroys_a_key_knows_it_no_longer(tenant):
    [memory_id] = add(tenant, "a text")

    with tenant_scope(tenant.id):
        memory = Memory.objects.get(id=memory_id)
        assert memory.text == "a text"
        destroy_entity_keys([memory.key_owner_id])

        with pytest.raises(KeyDestroyed):
            current_ring().entity(memory.key_owner_id)


def test_eraser_waits_for_who_writes_under_the_key(committed_tenant):
    add(committed_tenant, "a text")
    [ada] = ids_of(committed_tenant)

    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(committed_tenant.id):
            current_ring().load_for_writing([ada])
            eraser = in_thread(pool, lambda: destroy(committed_tenant, ada))
            wait_until(count_waiting)
            assert not eraser.done()
            current_ring().entity(ada)  # the writer may still seal

        assert eraser.result() == 1


def test_writer_that_waits_for_an_eraser_finds_no_key(committed_tenant):
    add(committed_tenant, "a text")
    [ada] = ids_of(committed_tenant)

    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(committed_tenant.id):
            destroy_entity_keys([ada])
            writer = in_thread(pool, lambda: add(committed_tenant, "another"))
            wait_until(count_waiting)

        with pytest.raises(KeyDestroyed):
            writer.result()
    with tenant_scope(committed_tenant.id):
        assert Memory.objects.count() == 1


def test_writer_that_read_the_key_before_it_was_destroyed_finds_none(committed_tenant):
    [memory_id] = add(committed_tenant, "a text")

    with ThreadPoolExecutor(1) as pool, tenant_scope(committed_tenant.id):
        memory = Memory.objects.get(id=memory_id)
        assert memory.text == "a text"
        in_thread(pool, lambda: destroy(committed_tenant, memory.key_owner_id)).result()

        current_ring().load_for_writing([memory.key_owner_id])

        with pytest.raises(KeyDestroyed):
            current_ring().entity(memory.key_owner_id)


def test_writers_and_erasers_of_several_keys_do_not_deadlock(committed_tenant):
    add(committed_tenant, "a text", user="ada", agent="bot")
    first, second = ids_of(committed_tenant)
    has_first, may_go_on = Event(), Event()

    def write():
        with tenant_scope(committed_tenant.id):
            current_ring().load_for_writing([first])
            has_first.set()
            may_go_on.wait(60)
            current_ring().load_for_writing([second, first])
            return len(current_ring().entity_keys)

    with ThreadPoolExecutor(2) as pool:
        writer = in_thread(pool, write)
        assert has_first.wait(60)
        eraser = in_thread(pool, lambda: destroy(committed_tenant, second, first))
        wait_until(count_waiting)
        may_go_on.set()

        assert (writer.result(), eraser.result()) == (2, 2)
