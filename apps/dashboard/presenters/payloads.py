"""The payload of a report as people read it: line by line, each field explained."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.dashboard.presenters.parts import Choice, NotedLine
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.kinds import BUCKETS, Bucket, Version
from apps.telemetry.kinds import Choice as OneOf
from apps.telemetry.payload import NOTES

if TYPE_CHECKING:
    from apps.telemetry.catalogue import Event, Field
    from apps.telemetry.kinds import Kind

DEFAULT = "heartbeat"
BYTES = "bytes"
NAME = re.compile(r'\s*"([^"]+)":')


@dataclass(frozen=True, slots=True)
class Payload:
    """What would be sent now, of one report."""

    event: Event
    tabs: tuple[Choice, ...]
    forms: tuple[Choice, ...]
    lines: tuple[NotedLine, ...]
    bytes: str
    is_formatted: bool


def choose_event(name: str) -> str:
    return name if name in EVENTS else DEFAULT


def show_payload(name: str, body: dict[str, Any], *, form: str) -> Payload:
    event, is_formatted = EVENTS[name], form != BYTES
    here = "" if is_formatted else BYTES
    return Payload(
        event=event,
        tabs=tuple(Choice(one, address(one, here), one == name) for one in EVENTS),
        forms=(
            Choice("Formatted", address(name), is_formatted),
            Choice("Bytes", address(name, BYTES), not is_formatted),
        ),
        lines=note_lines(event, body),
        bytes=json.dumps(body),
        is_formatted=is_formatted,
    )


def address(event: str, form: str = "") -> str:
    query = {"event": event} | ({"form": form} if form else {})
    return f"{reverse('dashboard:telemetry')}?{urlencode(query)}#payload"


def note_lines(event: Event, body: dict[str, Any]) -> tuple[NotedLine, ...]:
    lines = json.dumps(body, indent=2).splitlines()
    return tuple(NotedLine(n, line, find_note(event, line)) for n, line in enumerate(lines, 1))


def find_note(event: Event, line: str) -> str:
    found = NAME.match(line)
    if found is None:
        return ""
    if field := event.fields.get(found[1]):
        return note_field(field)
    if found[1] == "event":
        return event.occasion
    return NOTES.get(found[1], "")


def note_field(field: Field) -> str:
    return f"{field.meaning}: {say_kind(field.kind)}"


def say_kind(kind: Kind) -> str:
    """Short, for the margin; the catalogue lists the words."""
    if isinstance(kind, OneOf):
        return f"one of {len(kind.words)} words"
    if isinstance(kind, Bucket):
        return f"one of {len(BUCKETS)} ranges"
    return f"{kind.numbers} numbers" if isinstance(kind, Version) else "yes or no"
