"""Details go at their class's term, a segment when the longest term in it has passed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.retention import Expired, expire_trail
from apps.audit.models import AuditCheckpoint, AuditDetail, AuditEvent, AuditSeal
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope

DETAILS = {"read": 10, "change": 20, "access": 30, "privacy": 40}
EVENTS = {"read": 100, "change": 200, "access": 300, "privacy": 400}


@pytest.fixture(autouse=True)
def terms(settings):
    settings.AUDIT_DETAIL_DAYS, settings.AUDIT_EVENT_DAYS = DETAILS, EVENTS


@pytest.fixture
def trail(trail):
    """With one segment, of the tenant's making."""
    trail.seal()
    return trail


def write(trail, action, details=None, **facts):
    with tenant_scope(trail.tenant.id):
        record(action, by=SYSTEM, details=details, **facts)


def expire(trail, *, day):
    """As if so many days had passed since now."""
    now = timezone.now() + timedelta(days=day)
    return expire_trail(tenant_id=trail.tenant.id, now=now, signer=trail.signer, by=SYSTEM)


def count(trail, model, **fields):
    with tenant_scope(trail.tenant.id):
        return model.objects.filter(**fields).count()


@pytest.mark.parametrize(("day", "left"), [(9, 2), (11, 1), (29, 1), (31, 0)])
def test_details_go_at_the_term_of_their_class(trail, day, left):
    write(trail, Action.MEMORY_READ, {"ip": "::1"})
    write(trail, Action.LOGIN, {"ip": "::1"})

    found = expire(trail, day=day)

    assert found == Expired(details=2 - left, segments=0)
    assert count(trail, AuditDetail) == left
    assert count(trail, AuditEvent, action__in=["memory.read", "login"]) == 2
    trail.seal()
    assert trail.problems() == []


def test_more_details_than_a_chunk(trail, monkeypatch):
    monkeypatch.setattr("apps.audit.domain.retention.CHUNK", 2)
    for _ in range(5):
        write(trail, Action.MEMORY_READ, {"ip": "::1"})

    assert expire(trail, day=11).details == 5


def test_segment_goes_when_the_longest_term_in_it_has_passed(trail):
    """The tenant's making is a change: 200 days."""
    assert expire(trail, day=199).segments == 0
    assert expire(trail, day=201).segments == 1

    assert count(trail, AuditSeal) == 0
    assert count(trail, AuditEvent, action="tenant.create") == 0
    with tenant_scope(trail.tenant.id):
        retired = AuditCheckpoint.objects.get()
        event = AuditEvent.objects.get(action="audit.retire")
    assert retired.retired_at - retired.sealed_at > timedelta(days=200)
    assert (event.target_id, event.facts) == (retired.id, {"segment": 1, "events": 1})
    assert trail.problems() == []


def test_segments_go_in_their_order(trail):
    """A short-lived one waits for the long-lived one before it."""
    write(trail, Action.AUDIT_REDACT, redacted=0)
    trail.seal()
    write(trail, Action.MEMORY_READ)
    trail.seal()

    assert [expire(trail, day=day).segments for day in (150, 250, 399, 401)] == [
        0,
        1,
        0,
        2,
    ]
    trail.seal()
    assert trail.problems() == []


def test_details_in_a_retired_segment_go_with_it(trail, settings):
    settings.AUDIT_DETAIL_DAYS = dict.fromkeys(DETAILS, 10_000)
    write(trail, Action.MEMORY_READ, {"ip": "::1"})
    trail.seal()

    assert expire(trail, day=201) == Expired(details=0, segments=2)
    assert count(trail, AuditDetail) == 0


def test_unsealed_events_stay(trail):
    write(trail, Action.MEMORY_READ)

    expire(trail, day=1000)

    assert count(trail, AuditEvent, action="memory.read") == 1


def test_new_events_after_retired_segments_go_on_counting(trail):
    expire(trail, day=201)
    trail.seal()

    with tenant_scope(trail.tenant.id):
        assert list(AuditSeal.objects.values_list("sequence", flat=True)) == [2]
    assert trail.problems() == []
    assert trail.problems(start=2) == []
