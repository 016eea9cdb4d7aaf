from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import pytest
from django.db import connection

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.keys.models import EntityKey
from apps.keys.ring import KeyDestroyed
from apps.memories.domain import memories
from apps.memories.domain.memories import add_memories
from apps.memories.models import Entity, Memory, Vector, Version
from tests.support.kernel import SAID_AT, add, find, make_new


def add_all(tenant, *messages, **fields):
    result = add_memories(tenant_id=tenant.id, new=make_new(*messages, **fields), by=SYSTEM)
    return [(added.text, added.is_new, added.memory_id) for added in result.added]


def counts(tenant):
    with tenant_scope(tenant.id):
        return [model.objects.count() for model in (Memory, Version, Vector, Entity)]


def test_results_stand_in_the_order_of_the_messages(tenant):
    texts = [f"text {number}" for number in (3, 1, 2)]

    added = add_all(tenant, *texts)

    assert [(text, is_new) for text, is_new, _ in added] == [(text, True) for text in texts]
    assert [memory_id for *_, memory_id in added] == sorted(memory_id for *_, memory_id in added)
    assert counts(tenant) == [3, 3, 3, 1]


def test_memory_keeps_what_it_was_given(tenant):
    [memory_id] = add(
        tenant, ("Ada", "a text"), metadata={"a": [1]}, user="ada", run="monday", is_immutable=True
    )

    with tenant_scope(tenant.id):
        row = Memory.objects.get(id=memory_id)
        assert (row.text, row.speaker, row.metadata, row.role) == (
            "a text",
            "Ada",
            {"a": [1]},
            "user",
        )
        assert (row.created_at, row.expires_on, row.is_immutable) == (SAID_AT, None, True)
        assert (row.key_owner_id, row.agent_id, row.app_id) == (row.user_id, None, None)
        assert Entity.objects.get(id=row.run_id).external_id == "monday"


@pytest.mark.parametrize(
    ("ids", "owner"),
    [
        ({"run": "r", "app": "p", "agent": "b", "user": "u"}, "user"),
        ({"run": "r", "app": "p", "agent": "b"}, "agent"),
        ({"run": "r", "app": "p"}, "app"),
        ({"run": "r"}, "run"),
    ],
)
def test_key_owner_is_the_first_of_user_agent_app_and_run(tenant, ids, owner):
    add(tenant, "a text", **ids)

    with tenant_scope(tenant.id):
        assert Memory.objects.get().key_owner.kind == owner


def test_repeat_within_a_request_is_answered_with_the_first(tenant):
    added = add_all(tenant, "one", "two", "one")

    first = added[0][2]
    assert [(text, is_new) for text, is_new, _ in added] == [
        ("one", True),
        ("two", True),
        ("one", False),
    ]
    assert added[2][2] == first
    assert counts(tenant) == [2, 2, 2, 1]


def test_repeat_across_requests_is_answered_with_the_one_that_is_there(tenant):
    [(_, _, first)] = add_all(tenant, "one")

    added = add_all(tenant, "zero", "one")

    assert [(text, is_new) for text, is_new, _ in added] == [("zero", True), ("one", False)]
    assert added[1][2] == first


@pytest.mark.parametrize(
    "fields", [{"user": "bob"}, {"user": "ada", "run": "r"}, {"agent": "ada"}], ids=repr
)
def test_same_text_for_other_entities_is_no_repeat(tenant, fields):
    add(tenant, "one", user="ada")

    [(_, is_new, _)] = add_all(tenant, "one", **fields)

    assert is_new is True


def test_same_text_by_another_speaker_is_no_repeat(tenant):
    add(tenant, ("Ada", "yes"))

    [(_, is_new, _)] = add_all(tenant, ("Bob", "yes"))

    assert is_new is True


def test_deleted_text_can_be_added_again(tenant):
    from apps.memories.domain.deletion import delete_memory

    [memory_id] = add(tenant, "one")
    delete_memory(tenant_id=tenant.id, memory_id=memory_id, by=SYSTEM)

    [(_, is_new, new_id)] = add_all(tenant, "one")

    assert is_new is True
    assert new_id != memory_id


def test_two_threads_that_make_the_same_entity_both_succeed(committed_tenant, monkeypatch):
    meet_before(monkeypatch, "ensure_entities", 2)

    first, second = run_together(
        lambda: add(committed_tenant, "one", "the same"),
        lambda: add(committed_tenant, "two", "the same"),
    )

    assert first[1] == second[1]
    assert counts(committed_tenant) == [3, 3, 3, 1]
    assert sorted(find(committed_tenant, "x")) == ["one", "the same", "two"]


def run_together(*adds):
    """Run each in a thread with a connection of its own."""

    def run(use):
        try:
            return use()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(adds)) as pool:
        return list(pool.map(run, adds))


def meet_before(monkeypatch, name, parties):
    """Nobody runs this function before all have come to it; a second call does not wait."""
    barrier, function, come = Barrier(parties), getattr(memories, name), set()

    def wait(*args, **kwargs):
        if (thread := get_ident()) not in come:
            come.add(thread)
            barrier.wait(20)
        return function(*args, **kwargs)

    monkeypatch.setattr(memories, name, wait)


def meet_once(barrier):
    """Holds the first insert of memories until both threads have one ready."""
    waiting = [barrier]

    def hold(execute, sql, params, many, context):
        if waiting and sql.startswith('INSERT INTO "memories_memory"'):
            waiting.pop().wait(20)
        return execute(sql, params, many, context)

    return hold


def test_two_threads_that_add_the_same_texts_in_other_orders_both_succeed(committed_tenant):
    add(committed_tenant, "a first one, so that the entity is there")
    texts = [f"text {number}" for number in range(500)]
    barrier = Barrier(2)

    def add_in(order):
        with connection.execute_wrapper(meet_once(barrier)):
            return add(committed_tenant, *order)

    first, second = run_together(lambda: add_in(texts), lambda: add_in(texts[::-1]))

    assert first == second[::-1]
    assert counts(committed_tenant)[0] == 501


def test_two_threads_that_name_new_speakers_lose_none(committed_tenant, monkeypatch):
    add(committed_tenant, "a first one, so that the entity is there")
    meet_before(monkeypatch, "add_speakers", 2)

    run_together(
        lambda: add(committed_tenant, ("Ada", "one")), lambda: add(committed_tenant, ("Bob", "two"))
    )

    with tenant_scope(committed_tenant.id):
        assert sorted(Entity.objects.get().speakers) == ["Ada", "Bob"]


def test_speakers_of_an_entity_are_remembered_once(tenant):
    add(tenant, ("Ada", "one"), ("Bob", "two"))
    add(tenant, ("Bob", "three"), ("Cem", "four"))

    with tenant_scope(tenant.id):
        assert Entity.objects.get().speakers == ["Ada", "Bob", "Cem"]


def test_same_text_and_id_in_two_tenants_are_two_memories(tenant, other_tenant):
    [ours], [theirs] = add(tenant, "same", user="ada"), add(other_tenant, "same", user="ada")

    assert ours != theirs
    assert counts(tenant) == counts(other_tenant) == [1, 1, 1, 1]


def test_add_that_names_an_entity_with_a_destroyed_key_is_a_conflict(tenant):
    add(tenant, "one", user="ada", agent="bot")
    with tenant_scope(tenant.id):
        agent = Entity.objects.get(kind="agent")
        EntityKey.objects.filter(id=agent.id).update(wrapped=None, destroyed_at=SAID_AT)

    with pytest.raises(KeyDestroyed):
        add(tenant, "two", user="ada", agent="bot")
