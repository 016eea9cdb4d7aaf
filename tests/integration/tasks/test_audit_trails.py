"""Verification, retention and anchors by the clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.domain import checks
from apps.audit.domain.checks import read_state, start_check
from apps.audit.models import AuditCheck, AuditDetail, AuditDue, AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.ids import uuid7
from apps.common.sending import CLOCK_QUEUE, QUEUE
from apps.isolation.scope import tenant_scope
from apps.operations import tasks
from memoryhub.celery import app
from tests.support.eager import at_once
from tests.support.trails import Trail

NAMES = {
    "anchor audit checkpoints": tasks.anchor_checkpoints,
    "verify audit trails": tasks.verify_trails,
    "expire audit trails": tasks.expire_trails,
}


@pytest.fixture
def eager():
    """What a task sends to the queue runs at once."""
    with at_once():
        yield


def read_check(tenant):
    with tenant_scope(tenant.id):
        return AuditCheck.objects.get()


@pytest.mark.parametrize("name", NAMES)
def test_schedule_names_the_task(name):
    assert app.conf.beat_schedule[name]["task"] == NAMES[name].name


def test_every_trail_is_verified_and_the_result_kept(eager, tenant, other_tenant):
    Trail.of(tenant).fill()
    broken = Trail.of(other_tenant).fill()
    broken.write()
    AuditDue.objects.filter(tenant_id=other_tenant.id).delete()

    tasks.verify_trails.run()

    sound, found = read_check(tenant), read_check(other_tenant)
    assert None not in (sound.ended_at, found.ended_at)
    assert (read_state(sound.state).events, read_state(sound.state).problems) == (12, [])
    assert found.state["problems"] == [{"sequence": None, "kind": "inserted"}]


def test_trail_too_long_for_one_task_goes_on_in_the_next(eager, tenant, monkeypatch):
    """One chunk a task, one segment a chunk."""
    Trail.of(tenant).fill()
    turns = []
    verify = checks.verify_segments
    monkeypatch.setattr(
        checks, "verify_segments", lambda *given, **named: verify(*given, **named, count=1)
    )

    def one_turn():
        turn = iter([True])
        turns.append(turn)
        return lambda: next(turn, False)

    monkeypatch.setattr(tasks, "make_deadline", one_turn)
    with tenant_scope(tenant.id):
        check = start_check(by=SYSTEM)

    tasks.verify_trail.run(tenant_id=str(tenant.id), check_id=str(check.id))

    assert len(turns) == 4
    assert read_state(read_check(tenant).state).events == 12


def test_check_that_is_gone_or_ended_is_left_alone(eager, tenant):
    with tenant_scope(tenant.id):
        check = start_check(by=SYSTEM)
    for _ in range(2):
        tasks.verify_trail.run(tenant_id=str(tenant.id), check_id=str(check.id))
    ended = read_check(tenant).ended_at

    tasks.verify_trail.run(tenant_id=str(tenant.id), check_id=str(uuid7()))

    assert read_check(tenant).ended_at == ended


def test_checks_of_a_tenant_are_bounded(tenant, monkeypatch):
    monkeypatch.setattr(checks, "KEPT", 3)

    with tenant_scope(tenant.id):
        made = [start_check(by=SYSTEM).id for _ in range(5)]
        kept = AuditCheck.objects.order_by("started_at").values_list("id", flat=True)
        assert list(kept) == made[2:]


def test_asked_for_verification_is_an_event_and_the_clocks_is_not(tenant):
    by = Actor(ActorKind.OPERATOR, uuid7())

    with tenant_scope(tenant.id):
        start_check(by=SYSTEM)
        start_check(by=by)
        [event] = AuditEvent.objects.filter(action="audit.verify")
        assert (event.actor_id, event.target_id) == (by.id, tenant.id)


def test_what_has_passed_its_term_goes(tenant, monkeypatch):
    Trail.of(tenant).write(details={"ip": "::1"})
    late = timezone.now() + timedelta(days=200)
    monkeypatch.setattr("apps.operations.domain.audit_trails.timezone.now", lambda: late)

    tasks.expire_trails.run()

    with tenant_scope(tenant.id):
        assert AuditDetail.objects.count() == 0


def test_anchors_are_made(tenant, settings, tmp_path):
    settings.AUDIT_ANCHORS, settings.AUDIT_ANCHOR_FILE = True, str(tmp_path / "anchors")
    Trail.of(tenant).seal()

    tasks.anchor_checkpoints.run()

    assert (tmp_path / "anchors").read_bytes().count(b"\n") == 1


def test_what_takes_long_never_delays_sealing():
    """They have a queue, and so a worker, of their own."""
    app.loader.import_default_modules()
    names = [name for name, task in app.tasks.items() if task.run.__module__.startswith("apps.")]
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in names}

    assert {name for name in names if queues[name] == CLOCK_QUEUE} == {
        "audit.seal_events", "memories.sweep_jobs", "memories.sweep_renewals",
        "privacy.sweep_requests",
    }  # fmt: skip
    assert set(queues.values()) == {QUEUE, CLOCK_QUEUE}
