"""How the instance is. The broker of these tests is one in memory, or none."""

from datetime import timedelta

import pytest
from celery import Celery, current_app
from django.db import connection
from django.utils import timezone
from kombu import Connection

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.models import JobDue
from apps.operations.domain import health, vitals
from apps.privacy.enums import Work
from apps.privacy.models import PrivacyDue


@pytest.fixture
def broker(monkeypatch):
    app = Celery("vitals", set_as_current=False)
    monkeypatch.setattr(vitals, "PING_SECONDS", 0.1)
    monkeypatch.setattr(app, "connection_for_write", lambda **_: Connection("memory://"))
    monkeypatch.setattr(vitals, "current_app", app)


@pytest.fixture
def silent(monkeypatch):
    """A port on which nothing listens."""
    address = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(
        current_app,
        "connection_for_write",
        lambda **given: Connection(address, **given),
    )


def test_instance_in_order(db, broker):
    found = vitals.read_vitals()

    assert found.failed == ()
    assert found.broker == vitals.Broker(is_up=True)
    assert found.database.bytes > 1_000_000
    assert found.database.broken_indexes == ()
    assert (found.jobs, found.scrub) == (vitals.Waiting(0, None), vitals.Waiting(0, None))


def test_last_backup_and_scrub_are_those_of_the_trail(db, broker):
    before = vitals.read_vitals()
    assert (before.backed_up_at, before.scrubbed_at) == (None, None)
    with tenant_scope(INSTANCE_TENANT_ID):
        backup = record(Action.BACKUP_MAKE, by=SYSTEM)
        scrub = record(Action.SCRUB_MAKE, by=SYSTEM, tables=1, certificates=1)

    found = vitals.read_vitals()

    assert found.backed_up_at == backup.occurred_at
    assert found.scrubbed_at == scrub.occurred_at


def test_queue_that_does_not_answer_is_given_up(db, silent):
    assert vitals.read_vitals().broker == vitals.Broker(is_up=False)


def test_messages_that_wait_are_counted(broker):
    with Connection("memory://") as connection:
        queue = connection.SimpleQueue(vitals.current_app.conf.task_default_queue)
        queue.put("one")

        assert vitals.look_at_broker().queued == 1

        queue.clear()


def test_part_that_fails_is_named(db, broker, monkeypatch):
    def fail():
        raise RuntimeError

    monkeypatch.setitem(health.CHECKS, "keys", fail)

    assert vitals.read_vitals().failed == ("keys",)


def test_what_is_late_is_counted(db, broker):
    now = timezone.now()
    for hours in (-2, -1, 1):
        due = now + timedelta(hours=hours)
        JobDue.objects.create(item_id=uuid7(), tenant_id=uuid7(), due_at=due)
    PrivacyDue.objects.create(work=Work.SCRUB, tenant_id=uuid7(), item_id=uuid7(), at=now)

    found = vitals.read_vitals()

    assert found.jobs == vitals.Waiting(2, now - timedelta(hours=2))
    assert found.scrub == vitals.Waiting(1, now)


def test_slow_statements_hold_no_values(db, broker):
    with connection.cursor() as cursor:
        for _ in range(10):
            cursor.execute("SELECT 'canary of a value'")

    slowest = vitals.read_vitals().database.slowest or ()

    assert len(slowest) <= 5
    assert [one.ms for one in slowest] == sorted((one.ms for one in slowest), reverse=True)
    assert [one.text for one in slowest if "canary of a value" in one.text] == []
