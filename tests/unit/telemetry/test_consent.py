"""Turning on and off, the install id, and leaving."""

import pytest
from django.db import IntegrityError, transaction

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.errors import Conflict
from apps.common.ids import uuid7
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.telemetry.domain import consent
from apps.telemetry.domain.counts import add_counts
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.models import OutboxEvent, Tally, TelemetryState
from tests.support.telemetry import read_enabled, switch_on

OPERATOR = Actor(ActorKind.OPERATOR, uuid7())


def list_events():
    with tenant_scope(INSTANCE_TENANT_ID):
        return list(AuditEvent.objects.filter(action__startswith="telemetry.").order_by("id"))


@pytest.fixture
def events(db):
    """Those of the test: others leave theirs in the database that it shares with them."""
    known = {event.id for event in list_events()}

    def read():
        made = [event for event in list_events() if event.id not in known]
        return [(event.action, event.actor_kind, event.actor_id) for event in made]

    return read


def waiting():
    return sorted(OutboxEvent.objects.values_list("name", flat=True))


def test_on_is_refused_before_the_notice_was_seen(db, configured, events):
    with pytest.raises(Conflict, match="Read what would be sent first"):
        consent.turn_on(by=OPERATOR)

    assert events() == []
    assert not TelemetryState.objects.filter(is_on=True).exists()


def test_database_refuses_on_without_a_notice(db):
    with (
        pytest.raises(IntegrityError, match="telemetry_state_on_after_notice"),
        transaction.atomic(),
    ):
        TelemetryState.objects.create(is_on=True)


def test_there_is_one_state(db):
    with pytest.raises(IntegrityError, match="telemetry_state_one"), transaction.atomic():
        TelemetryState.objects.create(id=2)


def test_on_and_off_are_decisions_of_somebody(db, configured, events):
    consent.mark_notice_seen()
    consent.turn_on(by=OPERATOR)
    assert read_enabled()
    consent.turn_off(by=SYSTEM)
    assert not read_enabled()

    assert events() == [
        ("telemetry.enable", "operator", OPERATOR.id),
        ("telemetry.disable", "system", None),
    ]


def test_the_same_decision_again_is_no_event(db, configured, events):
    consent.mark_notice_seen()
    for _ in range(2):
        consent.turn_on(by=OPERATOR)
    for _ in range(2):
        consent.turn_off(by=OPERATOR)

    assert [action for action, *_ in events()] == ["telemetry.enable", "telemetry.disable"]


def test_first_no_is_a_decision_too(db, configured, events):
    consent.turn_off(by=OPERATOR)

    assert [action for action, *_ in events()] == ["telemetry.disable"]


def test_off_empties_the_outbox_and_the_counts(turned_on):
    telemetry.capture_event("start", {})
    add_counts({("feature_use", "add"): 3})
    assert (waiting(), Tally.objects.count()) == (["start"], 1)

    consent.turn_off(by=OPERATOR)

    assert (waiting(), Tally.objects.count()) == ([], 0)


def test_event_that_cannot_be_written_leaves_telemetry_on(turned_on, monkeypatch):
    telemetry.capture_event("start", {})

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(consent, "record", fail)
    with pytest.raises(RuntimeError):
        consent.turn_off(by=OPERATOR)

    assert (read_enabled(), waiting()) == (True, ["start"])


def test_rotation_forgets_the_id(turned_on, events):
    switch_on(install_id=uuid7())

    consent.rotate_install_id(by=OPERATOR)

    assert TelemetryState.objects.get().install_id is None
    assert events() == [("telemetry.rotate", "operator", OPERATOR.id)]


def test_deletion_while_on_is_one_last_report(turned_on, events):
    known = uuid7()
    switch_on(install_id=known)
    telemetry.capture_event("start", {})

    consent.delete_data(by=OPERATOR)

    state = TelemetryState.objects.get()
    assert (waiting(), state.install_id, state.is_leaving) == (["deletion"], known, True)
    telemetry.capture_event("start", {})
    assert not add_counts({("feature_use", "add"): 1})
    assert (waiting(), Tally.objects.count()) == (["deletion"], 0)
    assert [action for action, *_ in events()] == ["telemetry.delete"]


def test_id_that_is_being_deleted_is_not_rotated(turned_on):
    switch_on(install_id=uuid7())
    consent.delete_data(by=OPERATOR)

    with pytest.raises(Conflict, match="on its way"):
        consent.rotate_install_id(by=OPERATOR)


def test_off_while_leaving_stops_that_too(turned_on):
    switch_on(install_id=uuid7())
    consent.delete_data(by=OPERATOR)

    consent.turn_off(by=OPERATOR)

    assert (waiting(), read_enabled(), TelemetryState.objects.get().is_leaving) == (
        [],
        False,
        False,
    )


def test_deletion_while_off_only_forgets(turned_on, events):
    switch_on(is_on=False, install_id=uuid7())

    consent.delete_data(by=OPERATOR)

    assert waiting() == []
    assert TelemetryState.objects.get().install_id is None
    assert [action for action, *_ in events()] == ["telemetry.delete"]


def test_deletion_before_anything_was_sent_turns_off(turned_on, events):
    consent.delete_data(by=OPERATOR)

    assert (waiting(), read_enabled()) == ([], False)
    assert [action for action, *_ in events()] == ["telemetry.delete", "telemetry.disable"]
