"""Where what is sent takes its form, for the sender, the page and the commands alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.instance import TELEMETRY, create_instance_secrets
from apps.keys.ring import read_secret
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.models import OutboxEvent
from apps.telemetry.nets import pseudonymise, sanitise

PATH = "/batch/"
UNMADE_ID = "made at the first send"
UNSENT = "filled in while sending"
FIXED = {"$ip": "0.0.0.0", "$geoip_disable": True}  # noqa: S104 - PostHog keeps this, not ours
NOTES = {
    "batch": "the reports of one call",
    "event": "which report",
    "distinct_id": "install id: random, made at the first send",
    "uuid": "random, so that a repeat counts once",
    "timestamp": "the day, not the moment",
    "properties": "the fields of the catalogue, and two fixed ones",
    "$ip": "fixed: no address is stored; the network still sees one",
    "$geoip_disable": "fixed: no place is looked up",
    "historical_migration": "fixed",
    "sent_at": "the one field filled in while sending",
    "api_key": "the project key, public by design",
}
"""What each field around the catalogue's is."""


def make_event(name: str, values: Mapping[str, object], *, day: date | None = None) -> OutboxEvent:
    """A report for the outbox, not saved. ValueError for a field that is not in the catalogue."""
    now = timezone.now()
    return OutboxEvent(
        name=name,
        day=day or now.date(),
        properties=anonymise(EVENTS[name].encode(values)),
        made_at=now,
        due_at=now,
    )


def anonymise(values: Mapping[str, object]) -> Any:
    """Both nets. After the catalogue they find nothing, and cost no statement then."""
    return pseudonymise(sanitise(values), digest_identifier)


def digest_identifier(text: str) -> str:
    """An HMAC under a secret of this installation: elsewhere the same text gives another."""
    with tenant_scope(INSTANCE_TENANT_ID):
        create_instance_secrets()
        return read_secret(TELEMETRY).digest(text.encode("utf-8", "replace")).hex()


def build_batch(events: Sequence[OutboxEvent], install_id: UUID | None) -> list[dict[str, Any]]:
    return [
        {
            "event": event.name,
            "distinct_id": str(install_id or UNMADE_ID),
            "uuid": str(event.id),
            "timestamp": datetime.combine(event.day, time(), tzinfo=UTC).isoformat(),
            "properties": _list_properties(event) | FIXED,
        }
        for event in events
    ]


def _list_properties(event: OutboxEvent) -> dict[str, Any]:
    """The fields that the catalogue has today, in its order."""
    return {name: event.properties.get(name) for name in EVENTS[event.name].fields}


def build_body(batch: list[dict[str, Any]], *, sent_at: str = UNSENT) -> dict[str, Any]:
    """The whole body of a call, in the order of the wire."""
    return {
        "batch": batch,
        "historical_migration": False,
        "sent_at": sent_at,
        "api_key": settings.POSTHOG_PROJECT_KEY,
    }


def find_flaws(body: Mapping[str, Any]) -> list[str]:
    """What of a body the catalogue does not know; nothing where it is what the page would show."""
    if body.keys() != build_body([]).keys():
        return ["fields around the reports"]
    flaws = []
    for event in body["batch"]:
        properties = {name: event["properties"].get(name) for name in event["properties"]}
        fixed = {name: properties.pop(name, None) for name in FIXED}
        known = EVENTS.get(event["event"])
        if known is None or fixed != FIXED or not known.accepts(properties):
            flaws.append(f"report {event['event']}")
    return flaws
