from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.errors import NotFound
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.models import EntityKey
from apps.memories.domain.entities import ensure_entities
from apps.memories.enums import EntityKind
from apps.memories.models import Entity
from apps.memories.queries.entities import find_entities, get_entity, list_entities
from tests.support.kernel import add

USER, AGENT, APP, RUN = EntityKind


def ensure(tenant, **ids):
    with tenant_scope(tenant.id):
        made = ensure_entities({EntityKind(kind): name for kind, name in ids.items()}, by=SYSTEM)
        return {kind.value: entity.id for kind, entity in made.items()}


def test_new_entities_are_made_with_their_keys_and_events(tenant):
    made = ensure(tenant, user="ada", run="monday")

    with tenant_scope(tenant.id):
        assert {row.external_id: row.kind for row in Entity.objects.all()} == {
            "ada": "user",
            "monday": "run",
        }
        assert set(EntityKey.objects.values_list("id", flat=True)) == set(made.values())
        events = AuditEvent.objects.filter(action="entity.create")
        assert {row.target_id: row.facts for row in events} == {
            made["user"]: {"kind": "user"},
            made["run"]: {"kind": "run"},
        }


def test_known_entities_are_found_again(tenant):
    first = ensure(tenant, user="ada")

    second = ensure(tenant, user="ada", agent="bot")

    assert second["user"] == first["user"]
    with tenant_scope(tenant.id):
        assert Entity.objects.count() == 2


def test_one_id_in_two_kinds_is_two_entities(tenant):
    made = ensure(tenant, user="ada", agent="ada")

    assert made["user"] != made["agent"]


@pytest.mark.parametrize("name", ["Ada", " ada", "ada ", "a\u0308da", "äda"])
def test_id_is_taken_as_it_is_written(tenant, name):
    assert ensure(tenant, user="ada") != ensure(tenant, user=name)


def test_database_refuses_a_second_entity_of_one_token(tenant):
    ensure(tenant, user="ada")

    with pytest.raises(IntegrityError, match="memories_entity_token"), tenant_scope(tenant.id):
        entity = Entity.objects.get()
        Entity.objects.update(token=b"other")
        Entity(id=entity.id, kind="user", token=b"other", external_id="x").save(force_insert=True)


def test_last_use_is_written_once_an_hour(tenant):
    start, seen = timezone.now(), []
    for minutes in (0, 59, 60, 61):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            ensure(tenant, user="ada")
        with tenant_scope(tenant.id):
            seen.append(Entity.objects.get().last_used_at - start)

    assert seen == [timedelta(0), timedelta(0), timedelta(hours=1), timedelta(hours=1)]


def test_entities_are_found_by_kind_and_id_in_their_tenant(tenant, other_tenant):
    ensure(tenant, user="ada")
    ensure(other_tenant, user="bob")

    with tenant_scope(tenant.id):
        found = find_entities([(USER, "ada"), (AGENT, "ada"), (USER, "bob"), (USER, "nobody")])

        assert {name: row.external_id for name, row in found.items()} == {(USER, "ada"): "ada"}
        assert find_entities([]) == {}


def test_entity_of_another_tenant_is_not_found(tenant, other_tenant):
    theirs = ensure(other_tenant, user="ada")["user"]

    with tenant_scope(tenant.id):
        for entity_id in (theirs, uuid7()):
            with pytest.raises(NotFound):
                get_entity(entity_id)


def test_entities_are_listed_by_last_use_or_size_with_their_sizes(tenant):
    add(tenant, "one", "two", user="ada")
    add(tenant, "three", user="bob")
    add(tenant, "four", agent="bot")

    with tenant_scope(tenant.id):
        by_use = [(size.entity.external_id, size.memories) for size in list_entities(limit=10)]
        by_size = [size.entity.external_id for size in list_entities(by_size=True, limit=1)]
        users = [size.entity.external_id for size in list_entities(kinds=[USER], limit=10)]

    assert by_use == [("bot", 1), ("bob", 1), ("ada", 2)]
    assert (by_size, users) == (["ada"], ["bob", "ada"])
