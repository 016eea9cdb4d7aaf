"""Chosen memories go, in chunks that can be repeated; a hold stops what is left."""

import pytest

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.errors import Conflict, Invalid
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import set_flag
from apps.memories.enums import EntityFlag
from apps.memories.models import Memory
from apps.memories.queries.entities import find_entities
from apps.privacy.domain import purging
from apps.privacy.domain.purging import (
    Choice,
    choose_memories,
    get_purge,
    preview_purge,
    start_purge,
)
from apps.privacy.domain.work import sweep_requests
from apps.privacy.models import PrivacyDue, Purge
from tests.support.kernel import SYSTEM, add
from tests.unit.privacy.subjects import OPERATOR, SECOND


@pytest.fixture
def held(tenant):
    return {
        text: add(tenant, text, **ids)[0]
        for text, ids in {
            "One": {"user": "ada"},
            "Two": {"user": "ada", "agent": "bot"},
            "Three": {"user": "ada"},
            "Of Bob": {"user": "bob"},
        }.items()
    }


@pytest.fixture
def ada(tenant, held):
    with tenant_scope(tenant.id):
        return find_entities([("user", "ada")])["user", "ada"]


@pytest.fixture
def choose(tenant, ada):
    def choose_some(*ids, by=OPERATOR, **days):
        choice = Choice(memory_ids=ids or None, **days)
        return choose_memories(tenant_id=tenant.id, entity_id=ada.id, choice=choice, by=by)

    return choose_some


@pytest.fixture
def purge(tenant, choose):
    def run(*ids, **fields):
        chosen = choose(*ids, **fields)
        start_purge(tenant_id=tenant.id, purge_id=chosen.id, by=OPERATOR)
        purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, by=SYSTEM)
        return read(tenant, chosen)

    return run


def read(tenant, purge):
    with tenant_scope(tenant.id):
        return get_purge(purge.id)


def left(tenant):
    with tenant_scope(tenant.id):
        return sorted(memory.text for memory in Memory.objects.live())


def events(tenant, *actions):
    with tenant_scope(tenant.id):
        found = AuditEvent.objects.filter(action__in=actions).order_by("id")
        return [(event.action, event.actor_id, event.facts) for event in found]


def flag(tenant, ada, which=EntityFlag.HELD):
    with tenant_scope(tenant.id):
        set_flag(entity_id=ada.id, flag=which, by=SYSTEM)


def test_selected_memories_go_and_others_stay(tenant, held, purge):
    done = purge(held["One"], held["Of Bob"])

    assert (done.state, done.done, done.total) == ("done", 1, 1)
    assert left(tenant) == ["Of Bob", "Three", "Two"]


def test_all_that_were_there_at_the_choice_go(tenant, held, choose):
    chosen = choose()
    add(tenant, "Later", user="ada")

    start_purge(tenant_id=tenant.id, purge_id=chosen.id, by=OPERATOR)
    purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, by=SYSTEM)

    assert left(tenant) == ["Later", "Of Bob"]
    assert read(tenant, chosen).done == 3


def test_days_narrow_the_choice(tenant, ada, choose):
    with tenant_scope(tenant.id):
        day = Memory.objects.live().filter(user=ada.id).first().created_at.date()

    assert choose(since=day, until=day).total == 3
    with pytest.raises(Invalid):
        choose(until=day.replace(year=day.year - 1))


def test_preview_counts_what_goes(tenant, held, choose):
    chosen = choose()

    with tenant_scope(tenant.id):
        preview = preview_purge(chosen)

    assert (preview.memories, preview.versions, preview.shared, preview.kept) == (3, 3, 1, 0)


@pytest.mark.parametrize("ids", [[], [uuid7()]])
def test_nothing_chosen_is_refused(tenant, ada, ids):
    choice = Choice(memory_ids=ids)

    with pytest.raises(Invalid):
        choose_memories(tenant_id=tenant.id, entity_id=ada.id, choice=choice, by=OPERATOR)


def test_a_new_choice_replaces_the_operators_old_one(tenant, choose):
    choose()
    others = choose(by=SECOND)
    newest = choose()

    with tenant_scope(tenant.id):
        assert set(Purge.objects.values_list("id", flat=True)) == {others.id, newest.id}


@pytest.mark.parametrize("which", [EntityFlag.HELD, EntityFlag.RESTRICTED])
def test_hold_or_restriction_refuses_the_start(tenant, ada, choose, which):
    chosen = choose()
    flag(tenant, ada, which)

    with pytest.raises(Conflict, match="3 of these memories are under a legal hold"):
        start_purge(tenant_id=tenant.id, purge_id=chosen.id, by=OPERATOR)

    assert read(tenant, chosen).state == "chosen"
    assert len(left(tenant)) == 4


def test_hold_that_comes_meanwhile_stops_the_rest(tenant, ada, choose, monkeypatch):
    monkeypatch.setattr(purging, "CHUNK", 1)
    chosen = choose()
    start_purge(tenant_id=tenant.id, purge_id=chosen.id, by=OPERATOR)
    assert purging.run_purge(
        tenant_id=tenant.id, purge_id=chosen.id, goes_on=lambda: False, by=SYSTEM
    )
    flag(tenant, ada)

    purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, by=SYSTEM)

    blocked = read(tenant, chosen)
    assert (blocked.state, blocked.done, blocked.total) == ("blocked", 1, 3)
    assert not PrivacyDue.objects.filter(item_id=chosen.id).exists()


def test_a_worker_that_died_is_followed_by_another(tenant, choose, monkeypatch, sent):
    monkeypatch.setattr(purging, "CHUNK", 1)
    monkeypatch.setattr(purging, "PAUSE", purging.PAUSE * 0)
    chosen = choose()
    start_purge(tenant_id=tenant.id, purge_id=chosen.id, by=OPERATOR)
    purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, goes_on=lambda: False, by=SYSTEM)
    sent.clear()

    sweep_requests()

    ids = {"tenant_id": str(tenant.id), "purge_id": str(chosen.id)}
    assert sent == [("privacy.run_purge", ids)]
    purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, by=SYSTEM)
    assert (read(tenant, chosen).state, read(tenant, chosen).done) == ("done", 3)
    assert left(tenant) == ["Of Bob"]


def test_chunk_that_fails_is_tried_again(tenant, choose, monkeypatch):
    chosen = choose()
    start_purge(tenant_id=tenant.id, purge_id=chosen.id, by=OPERATOR)
    with monkeypatch.context() as broken:
        broken.setattr(purging, "destroy", lambda ids: 1 / 0)
        assert not purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, by=SYSTEM)
    assert len(left(tenant)) == 4
    assert PrivacyDue.objects.filter(item_id=chosen.id).exists()

    purging.run_purge(tenant_id=tenant.id, purge_id=chosen.id, by=SYSTEM)

    assert left(tenant) == ["Of Bob"]


def test_it_is_the_operators_act(tenant, ada, purge):
    done = purge()

    assert events(tenant, Action.PURGE_START, Action.MEMORY_DELETE, Action.PURGE_FINISH) == [
        ("purge.start", OPERATOR.id, {"purge": str(done.id), "count": 3}),
        ("memory.delete", OPERATOR.id, {"deleted": 3}),
        ("purge.finish", None, {"purge": str(done.id), "deleted": 3}),
    ]


def test_a_purge_starts_once(tenant, purge):
    done = purge()

    with pytest.raises(Conflict, match="runs already, or has ended"):
        start_purge(tenant_id=tenant.id, purge_id=done.id, by=OPERATOR)
