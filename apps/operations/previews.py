"""What would be sent now, made by the functions that make what is sent."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from apps.operations.facts import read_heartbeat, read_machine
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.domain.counts import ERROR, FEATURE_USE, make_error, make_feature_use
from apps.telemetry.models import OutboxEvent, Tally, TelemetryState
from apps.telemetry.payload import build_batch, build_body, make_event
from apps.telemetry.queries import list_tallies


def preview(name: str, state: TelemetryState) -> dict[str, Any]:
    """The whole body of a call with this report in it. KeyError for one that does not exist."""
    return build_body(build_batch([MAKERS[name]()], state.install_id))


def preview_all(state: TelemetryState) -> dict[str, dict[str, Any]]:
    return {name: preview(name, state) for name in EVENTS}


def _make_feature_use() -> OutboxEvent:
    """Of what was counted today, as if the day were over."""
    today = timezone.now().date()
    tallies = [tally for tally in list_tallies() if tally.day == today]
    uses = {tally.subject: tally.count for tally in tallies if tally.event == FEATURE_USE}
    return make_feature_use(uses, day=today)


def _make_error() -> OutboxEvent:
    """The one counted last; without any, one whose fields are empty."""
    errors = [tally for tally in list_tallies() if tally.event == ERROR]
    empty = Tally(day=timezone.now().date(), event=ERROR, subject="", count=0)
    return make_error(errors[-1] if errors else empty)


MAKERS: dict[str, Callable[[], OutboxEvent]] = {
    "install": lambda: make_event("install", read_machine()),
    "start": lambda: make_event("start", read_machine()),
    "heartbeat": lambda: make_event("heartbeat", read_heartbeat()),
    FEATURE_USE: _make_feature_use,
    ERROR: _make_error,
    "deletion": lambda: make_event("deletion", {}),
}
