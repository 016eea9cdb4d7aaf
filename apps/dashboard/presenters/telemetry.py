"""Whether telemetry is on, which switch decided, and who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from apps.dashboard.presenters import text
from apps.telemetry.documents import list_notice
from apps.telemetry.switches import NOBODY, OPERATOR, PROJECT_KEY, decide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apps.dashboard.presenters.activity import ActivityLine
    from apps.dashboard.presenters.hosts import HostRow
    from apps.dashboard.presenters.payloads import Payload
    from apps.dashboard.presenters.reports import ReportRow
    from apps.telemetry.catalogue import Event
    from apps.telemetry.models import OutboxEvent, TelemetryState
    from apps.telemetry.switches import Decision

ASKS = ("rotate", "delete")
VALUES = {None: "not set", True: "on, leaves it to this page", False: "off"}


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One of the switches, the strongest first."""

    name: str
    value: str
    is_code: bool = True
    is_deciding: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """The state as a whole."""

    is_on: bool
    is_own_on: bool
    button: str
    is_leaving: bool
    sentence: str
    lines: tuple[SwitchLine, ...]
    destination: str
    install_id: str
    waiting: str
    next_at: datetime | None
    notice: Sequence[str]


@dataclass(frozen=True, slots=True)
class TelemetryPage:
    switch: Switch
    ask: str
    payload: Payload
    reports: tuple[ReportRow, ...]
    report_count: int
    hosts: tuple[HostRow, ...]
    decisions: tuple[ActivityLine, ...]
    catalogue: tuple[Event, ...]


def show_switch(state: TelemetryState, outbox: Sequence[OutboxEvent], decider: str) -> Switch:
    decision = decide(state)
    return Switch(
        is_on=decision.enabled,
        is_own_on=state.is_on,
        button=label_button(decision, state),
        is_leaving=state.is_leaving,
        sentence=say_why(decision, state, decider),
        lines=switch_lines(decision, state),
        destination=settings.POSTHOG_HOST,
        install_id=str(state.install_id or ""),
        waiting=say_waiting(outbox),
        next_at=outbox[0].due_at if outbox else None,
        notice=list_notice() if not state.is_on else (),
    )


def say_why(decision: Decision, state: TelemetryState, decider: str) -> str:
    if decision.by == NOBODY:
        return "Nobody has turned it on. Nothing was recorded so far, so nothing can be sent later."
    if decision.by == PROJECT_KEY:
        return f"{PROJECT_KEY} is not set, so there is no project that reports could go to."
    if decision.by != OPERATOR:
        return f"Decided by {decision.by} in the environment. This page can't undo that."
    word = "on" if decision.enabled else "off"
    when = text.long(state.decided_at) if state.decided_at else ""
    return f"Decided by the switch on this page: {decider} turned it {word}, {when}."


def label_button(decision: Decision, state: TelemetryState) -> str:
    """Where another switch keeps it off, it says that it turns this one alone."""
    what = "telemetry" if decision.by in {OPERATOR, NOBODY} else "this page's switch"
    return f"Turn {what} {'off' if state.is_on else 'on'}"


def switch_lines(decision: Decision, state: TelemetryState) -> tuple[SwitchLine, ...]:
    own = "on" if state.is_on else "off"
    lines = [
        *((name, VALUES[value], True, name) for name, value in settings.TELEMETRY_SWITCHES.items()),
        ("Switch on this page", own if state.decided_at else "never used", False, OPERATOR),
        (PROJECT_KEY, say_key(), True, PROJECT_KEY),
    ]
    by = OPERATOR if decision.by == NOBODY else decision.by
    return tuple(
        SwitchLine(name, value, is_code, decider == by) for name, value, is_code, decider in lines
    )


def say_key() -> str:
    """Of a credential only where it comes from."""
    source = settings.POSTHOG_PROJECT_KEY_SOURCE
    return f"set, from {source}" if source else "not set"


def say_waiting(outbox: Sequence[OutboxEvent]) -> str:
    if not outbox:
        return "nothing"
    tries = max(event.attempts for event in outbox)
    names = ", ".join(event.name for event in outbox)
    return names + (f"; tried {text.counted(tries, 'time')}" if tries else "")
