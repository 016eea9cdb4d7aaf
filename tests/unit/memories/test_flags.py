"""Flags of an entity: what they hide, what they refuse, and whom they wait for."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.audit.models import AuditEvent
from apps.common.errors import Conflict, Forbidden, NotFound
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.models import EntityKey
from apps.keys.ring import KeyClosed, current_ring
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.flags import block_id, lift_flag, set_flag
from apps.memories.domain.memories import update_memory
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.filters import parse_filters
from apps.memories.flags import is_flagged
from apps.memories.models import BlockedId, Entity, Memory
from apps.memories.pages import select_memories
from apps.memories.queries.entities import find_entities
from apps.memories.queries.memories import get_any_memory, get_memory
from tests.support.kernel import SYSTEM, add, find
from tests.support.processes import wait_until
from tests.unit.keys.test_destruction import count_waiting, in_thread

ANYBODY = {"OR": [{"user_id": "*"}, {"agent_id": "*"}]}
RESTRICTED, OBJECTED = EntityFlag.RESTRICTED, EntityFlag.OBJECTED
HELD, ERASING = EntityFlag.HELD, EntityFlag.ERASING


def entity_of(tenant, kind, name):
    with tenant_scope(tenant.id):
        [entity] = find_entities([(EntityKind(kind), name)]).values()
        return entity


def flag(tenant, kind, name, *flags, lift=False):
    entity_id = entity_of(tenant, kind, name).id
    with tenant_scope(tenant.id):
        for one in flags:
            (lift_flag if lift else set_flag)(entity_id=entity_id, flag=one, by=SYSTEM)
    return entity_id


def texts(tenant, filters=ANYBODY):
    with tenant_scope(tenant.id):
        selection = select_memories(parse_filters(filters))
        rows = selection.read(offset=0, limit=10)
        assert selection.count() == len(rows)
        return sorted(row.text for row in rows)


@pytest.fixture
def memories(tenant):
    """By text: of one person, of one with an agent, of the agent alone, of another."""
    return {
        text: add(tenant, text, **ids)[0]
        for text, ids in {
            "Ada drinks tea": {"user": "ada"},
            "Ada asked the bot": {"user": "ada", "agent": "bot"},
            "The bot rests": {"agent": "bot"},
            "Bob drinks tea": {"user": "bob", "run": "r1"},
        }.items()
    }


@pytest.mark.parametrize(
    ("kind", "name", "left"),
    [
        ("user", "ada", ["Bob drinks tea", "The bot rests"]),
        ("agent", "bot", ["Ada drinks tea", "Bob drinks tea"]),
        ("run", "r1", ["Ada asked the bot", "Ada drinks tea", "The bot rests"]),
    ],
)
def test_restricted_entity_is_in_no_list_and_no_search(tenant, memories, kind, name, left):
    assert texts(tenant) == sorted(memories)

    flag(tenant, kind, name, RESTRICTED)

    assert texts(tenant) == left
    assert sorted(find(tenant, "tea bot", ANYBODY)) == left
    flag(tenant, kind, name, RESTRICTED, lift=True)
    assert texts(tenant) == sorted(find(tenant, "tea bot", ANYBODY)) == sorted(memories)


def test_restricted_memory_is_neither_read_nor_changed_nor_deleted(tenant, memories):
    memory_id = memories["Ada drinks tea"]
    flag(tenant, "user", "ada", RESTRICTED)

    with tenant_scope(tenant.id):
        for read in (get_memory, get_any_memory):
            with pytest.raises(Forbidden):
                read(memory_id)
    with pytest.raises(Forbidden):
        update_memory(tenant_id=tenant.id, memory_id=memory_id, text="no", by=SYSTEM)
    with pytest.raises(Conflict):
        delete_memory(tenant_id=tenant.id, memory_id=memory_id, by=SYSTEM)

    with tenant_scope(tenant.id):
        assert Memory.objects.get(id=memory_id).text == "Ada drinks tea"


def test_restriction_of_one_tenant_hides_nothing_of_another(tenant, other_tenant):
    for each in (tenant, other_tenant):
        add(each, "Ada drinks tea")

    flag(tenant, "user", "ada", RESTRICTED)

    assert (texts(tenant), texts(other_tenant)) == ([], ["Ada drinks tea"])


def test_hold_keeps_everything_and_hides_nothing(tenant, memories):
    flag(tenant, "agent", "bot", HELD)

    for text in ("Ada asked the bot", "The bot rests"):
        with pytest.raises(Conflict):
            delete_memory(tenant_id=tenant.id, memory_id=memories[text], by=SYSTEM)
    for filters in ({"user_id": "ada"}, ANYBODY):
        with pytest.raises(Conflict):
            delete_memories(tenant_id=tenant.id, filters=parse_filters(filters), by=SYSTEM)

    assert texts(tenant) == sorted(memories)
    delete_memory(tenant_id=tenant.id, memory_id=memories["Ada drinks tea"], by=SYSTEM)
    flag(tenant, "agent", "bot", HELD, lift=True)
    assert delete_memories(tenant_id=tenant.id, filters=parse_filters(ANYBODY), by=SYSTEM) == 3


@pytest.mark.parametrize("closing", [OBJECTED, ERASING])
@pytest.mark.parametrize(("kind", "name"), [("user", "ada"), ("agent", "bot")])
def test_nothing_is_written_for_who_objected_or_is_erased(tenant, memories, closing, kind, name):
    flag(tenant, kind, name, closing)

    with pytest.raises(KeyClosed) as refused:
        add(tenant, "new", user="ada", agent="bot", run="new")

    assert refused.value.status == 409
    assert texts(tenant) == sorted(memories)
    add(tenant, "new", user="somebody else")
    flag(tenant, kind, name, closing, lift=True)
    add(tenant, "now", user="ada", agent="bot")


def test_memory_of_who_objected_is_not_changed(tenant, memories):
    flag(tenant, "user", "ada", OBJECTED)

    with pytest.raises(KeyClosed):
        update_memory(
            tenant_id=tenant.id, memory_id=memories["Ada drinks tea"], metadata={"a": 1}, by=SYSTEM
        )


def test_key_stays_closed_while_one_of_two_flags_does(tenant, memories):
    entity_id = flag(tenant, "user", "ada", OBJECTED, ERASING)
    flag(tenant, "user", "ada", ERASING, lift=True)

    with pytest.raises(KeyClosed):
        add(tenant, "new", user="ada")
    flag(tenant, "user", "ada", OBJECTED, lift=True)

    with tenant_scope(tenant.id):
        assert EntityKey.objects.get(id=entity_id).closed_at is None
    add(tenant, "new", user="ada")


def test_flag_is_an_event_once(tenant, memories):
    entity_id = flag(tenant, "user", "ada", HELD, HELD)
    flag(tenant, "user", "ada", HELD, HELD, lift=True)

    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action="entity.flag").order_by("id")
        assert [(event.target_id, event.facts) for event in events] == [
            (entity_id, {"flag": "held", "is_set": True}),
            (entity_id, {"flag": "held", "is_set": False}),
        ]


def test_entity_tells_its_flags(tenant, memories):
    flag(tenant, "user", "ada", RESTRICTED, HELD)

    assert entity_of(tenant, "user", "ada").flags == [RESTRICTED, HELD]


@pytest.mark.parametrize("act", [set_flag, lift_flag])
def test_unknown_entity_has_no_flags(tenant, act):
    with tenant_scope(tenant.id), pytest.raises(NotFound):
        act(entity_id=uuid7(), flag=HELD, by=SYSTEM)


def test_blocked_id_does_not_come_back(tenant, other_tenant):
    with tenant_scope(tenant.id):
        for _ in range(2):
            block_id(kind=EntityKind.USER, external_id="ada")

    with pytest.raises(Forbidden) as refused:
        add(tenant, "new", user="ada", agent="bot")

    assert refused.value.field == "user_id"
    assert "ada" not in refused.value.detail
    with tenant_scope(tenant.id):
        assert (Entity.objects.count(), BlockedId.objects.count()) == (0, 1)
    add(tenant, "new", agent="ada")
    add(other_tenant, "new", user="ada")


def test_closing_waits_for_who_writes_and_the_next_writer_for_the_closing(committed_tenant):
    add(committed_tenant, "first")
    ada = entity_of(committed_tenant, "user", "ada").id

    with ThreadPoolExecutor(2) as pool:
        with tenant_scope(committed_tenant.id):
            current_ring().load_for_writing([ada])
            closer = in_thread(pool, lambda: flag(committed_tenant, "user", "ada", ERASING))
            wait_until(count_waiting)
            assert not closer.done()
        closer.result()

        with tenant_scope(committed_tenant.id):
            lift_flag(entity_id=ada, flag=ERASING, by=SYSTEM)
            set_flag(entity_id=ada, flag=ERASING, by=SYSTEM)
            writer = in_thread(pool, lambda: add(committed_tenant, "second"))
            wait_until(count_waiting)
        with pytest.raises(KeyClosed):
            writer.result()

    assert texts(committed_tenant) == ["first"]


def test_rows_are_not_compared_while_nobody_is_restricted(tenant, memories):
    """PostgreSQL asks an empty index once a statement, and nothing for each row."""
    ada = entity_of(tenant, "user", "ada")
    with tenant_scope(tenant.id):
        rows = Memory.objects.live().filter(user=ada.id).exclude(is_flagged(RESTRICTED))
        plan = rows.explain(analyze=True, costs=False)

    scans = [line for line in plan.splitlines() if re.search(r"Scan .*on memories_entity ", line)]
    assert ["never executed" in line for line in scans] == [False, True], plan
