"""AnonymousTelemetry: what it takes in."""

import pytest

from apps.common.crypto import Key
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.instance import TELEMETRY
from apps.keys.models import Secret
from apps.telemetry import payload
from apps.telemetry.domain.reports import AnonymousTelemetry
from apps.telemetry.models import OutboxEvent
from apps.telemetry.payload import anonymise, digest_identifier
from tests.support.telemetry import switch_on

telemetry = AnonymousTelemetry()


def test_event_waits_in_the_outbox_as_the_catalogue_encodes_it(turned_on):
    telemetry.capture_event("start", {"os": "linux", "python_version": "3.11.7"})

    event = OutboxEvent.objects.get()
    assert (event.name, event.attempts, event.due_at) == ("start", 0, event.made_at)
    assert event.properties == {
        "memoryhub_version": None,
        "python_version": "3.11",
        "os": "linux",
        "architecture": None,
    }
    assert event.id.version == 4


@pytest.mark.parametrize("values", [{"note": "zanzibar"}, {"$ip": "192.0.2.7"}])
def test_field_that_is_not_in_the_catalogue_is_refused(turned_on, values):
    with pytest.raises(ValueError, match="start has no field"):
        telemetry.capture_event("start", values)

    assert not OutboxEvent.objects.exists()


def test_event_that_is_not_in_the_catalogue_is_refused(turned_on):
    with pytest.raises(KeyError):
        telemetry.capture_event("zanzibar", {})


@pytest.mark.parametrize("fields", [{"is_on": False}, {"is_leaving": True}])
def test_nothing_is_recorded_while_off_or_leaving(turned_on, fields):
    switch_on(**fields)

    telemetry.capture_event("start", {})

    assert not OutboxEvent.objects.exists()


def test_nothing_is_recorded_before_anybody_decided(db, configured):
    telemetry.capture_event("start", {})

    assert not OutboxEvent.objects.exists()


def test_events_pass_both_nets(turned_on, monkeypatch):
    """As if the catalogue had let something through."""
    leaky = {"os": {"apiKey": "zanzibar", "user_id": "ada"}}
    monkeypatch.setattr(payload.EVENTS["start"].__class__, "encode", lambda *_: leaky)

    telemetry.capture_event("start", {})

    assert OutboxEvent.objects.get().properties == {
        "os": {"apiKey": None, "user_id": digest_identifier("ada")}
    }


def test_identifiers_are_digested_with_a_secret_of_this_installation(db):
    first = anonymise({"user_id": "ada"})
    assert first == anonymise({"user_id": "ada"}) != anonymise({"user_id": "bob"})
    assert len(bytes.fromhex(first["user_id"])) == 32

    with tenant_scope(INSTANCE_TENANT_ID):
        Secret.objects.filter(name=TELEMETRY).delete()  # another installation has another

    assert anonymise({"user_id": "ada"}) != first


def test_digest_is_the_keyed_one(db, monkeypatch):
    monkeypatch.setattr(payload, "read_secret", lambda name: Key(bytes(32)))

    assert digest_identifier("ada") == Key(bytes(32)).digest(b"ada").hex()
