from apps.audit.models import AuditDue, AuditSeal
from apps.audit.tasks import seal_events
from apps.isolation.scope import tenant_scope
from memoryhub.celery import app


def test_task_has_an_explicit_name():
    assert seal_events.name == "audit.seal_events"


def test_it_seals_everything_that_is_due(tenant, other_tenant):
    seal_events.run()
    seal_events.run()  # the first run made the signing key, which is an event

    assert AuditDue.objects.count() == 0
    for each in (tenant, other_tenant):
        with tenant_scope(each.id):
            assert AuditSeal.objects.count() == 1


def test_it_runs_often_enough_to_seal_within_ten_seconds():
    entry = app.conf.beat_schedule["seal audit events"]

    assert entry["task"] == seal_events.name
    assert entry["schedule"] <= 5
