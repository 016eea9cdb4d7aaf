"""Hourly counts: counted in the process, written down, measured."""

from datetime import timedelta

import pytest
from django.core.signals import request_finished
from django.utils import timezone

from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.memories import add_memories
from apps.memories.domain.search import search_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities
from apps.memories.usage import STEPS, Use, count_search, count_use, usage
from apps.operations.domain.rollups import measure_tenant, measure_tenants, write_counts
from apps.operations.models import HourlyCount
from apps.operations.receivers import clock

ADA = {EntityKind.USER: "ada"}


def add(tenant, *texts):
    new = NewMemories(
        messages=[NewMessage(text) for text in texts], entity_ids=ADA, created_at=timezone.now()
    )
    return [one.memory_id for one in add_memories(tenant_id=tenant.id, new=new, by=SYSTEM).added]


def read_rows(tenant):
    with tenant_scope(tenant.id):
        return list(HourlyCount.objects.order_by("hour"))


def taken():
    """What was counted, without the buckets of times, which depend on the machine."""
    return {
        (tenant_id, use): count
        for (tenant_id, _), counts in usage.take().items()
        for use, count in counts.items()
        if isinstance(use, Use)
    }


def test_what_is_done_is_counted(tenant, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, _ = add(tenant, "I like tea.", "My dog is Biscuit.")
        add(tenant, "I like tea.")
        delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)
    search_memories(tenant_id=tenant.id, query="tea", filters=match_entities(ADA))

    assert taken() == {
        (tenant.id, Use.ADDS): 2,
        (tenant.id, Use.DELETES): 1,
        (tenant.id, Use.SEARCHES): 1,
    }


def test_what_is_undone_is_not_counted(committed_tenant):
    with pytest.raises(ZeroDivisionError), tenant_scope(committed_tenant.id):
        count_use(Use.ADDS, 5)
        raise ZeroDivisionError
    with tenant_scope(committed_tenant.id):
        count_use(Use.ADDS, 3)

    assert taken() == {(committed_tenant.id, Use.ADDS): 3}


def test_a_search_falls_into_the_bucket_of_its_time(tenant):
    for ms in (0.2, 1.1, 1_000_000):
        count_search(tenant.id, ms=ms)

    [counts] = usage.take().values()

    assert dict(counts) == {Use.SEARCHES: 3, 0: 1, 1: 1, STEPS - 1: 1}


def test_counts_of_processes_add_up(tenant, other_tenant):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    earlier = hour - timedelta(hours=1)

    write_counts({(tenant.id, hour): {Use.ADDS: 2, 7: 1}, (tenant.id, earlier): {Use.ADDS: 9}})
    write_counts({(tenant.id, hour): {Use.ADDS: 1, Use.SEARCHES: 4, 7: 3}})
    write_counts({(other_tenant.id, hour): {Use.DELETES: 5}})

    old, new = read_rows(tenant)
    assert (old.hour, old.adds) == (earlier, 9)
    assert (new.adds, new.searches, new.deletes) == (3, 4, 0)
    assert new.search_times == [4 if step == 7 else 0 for step in range(STEPS)]
    assert [row.deletes for row in read_rows(other_tenant)] == [5]


def test_what_belongs_to_no_tenant_is_dropped(tenant):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)

    write_counts({(uuid7(), hour): {Use.ADDS: 2}})

    assert read_rows(tenant) == []


def test_answers_are_followed_by_writing(committed_tenant, monkeypatch):
    monkeypatch.setattr(clock, "next_writing", 0.0)
    count_search(committed_tenant.id, ms=3)
    request_finished.send(sender=None)
    count_search(committed_tenant.id, ms=3)
    request_finished.send(sender=None)  # too soon

    assert [row.searches for row in read_rows(committed_tenant)] == [1]
    assert taken() == {(committed_tenant.id, Use.SEARCHES): 1}


def test_measuring_keeps_what_there_is(tenant):
    add(tenant, "I like tea.", "My dog is Biscuit.")

    assert measure_tenant(tenant.id) is True

    [row] = read_rows(tenant)
    assert (row.kept, row.users, row.agents, row.apps, row.runs) == (2, 1, 0, 0, 0)
    assert row.jobs_waiting == 0
    assert 2 * 500 < row.bytes < 2 * 10_000


def test_who_did_nothing_is_not_measured_again(tenant, other_tenant):
    assert measure_tenants() == 2
    assert measure_tenants() == 0
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    write_counts({(tenant.id, hour): {Use.ADDS: 1}})

    assert measure_tenants() == 1


def test_after_an_hour_it_is_measured_though_nothing_was_counted(tenant, time_machine):
    measure_tenant(tenant.id)
    time_machine.move_to(timezone.now() + timedelta(minutes=61))

    assert measure_tenant(tenant.id) is True
    assert len(read_rows(tenant)) == 2
