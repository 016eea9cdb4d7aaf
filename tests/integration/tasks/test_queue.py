"""The list of what is due, while several are at it: nobody waits for another in a ring."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.common.actor import SYSTEM
from apps.memories.domain import queue
from apps.memories.models import JobDue
from apps.tenants.domain.tenants import create_tenant
from tests.support import jobs
from tests.support.committed import committing

PAST = "2026-01-01T00:00:00Z"


@pytest.fixture
def ids(django_db_setup, django_db_blocker):
    """Of two jobs that are due, the older first."""
    with committing(django_db_blocker):
        tenant = create_tenant(name="Committed Clinic", slug="committed", by=SYSTEM)
        accepted = [jobs.accept(tenant, "The meeting is at noon.") for _ in range(2)]
        with transaction.atomic():
            queue.put_off(accepted, PAST)
        yield accepted


def beside(work):
    """In a transaction of its own, in another thread."""

    def run():
        try:
            with transaction.atomic():
                return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(20)


def test_sweeper_waits_for_no_worker(ids, monkeypatch):
    monkeypatch.setattr(queue, "count_waiting", lambda: 0)
    monkeypatch.setattr(queue, "send_job", lambda *_: True)

    with transaction.atomic():
        queue.take_off(ids[:1])
        assert beside(queue.sweep_jobs) == 2  # within 20 seconds
        queue.put_off(ids[1:], PAST)  # as a worker does for the job after its own

    assert [(row.item_id, row.due_at.isoformat()) for row in JobDue.objects.all()] == [
        (ids[1], PAST.replace("Z", "+00:00"))
    ]


@pytest.mark.parametrize("change", [queue.take_off, lambda ids: queue.put_off(ids, timezone.now())])
def test_several_are_locked_as_a_worker_locks_them(ids, change):
    is_waiting = threading.Event()

    def change_both():
        is_waiting.set()
        change(reversed(ids))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            queue.take_off(ids[:1])
            changed = pool.submit(beside, change_both)
            is_waiting.wait(20)
            with pytest.raises(TimeoutError):
                changed.result(1)
            queue.put_off(ids[1:], PAST)
        changed.result(20)
