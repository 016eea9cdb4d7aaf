"""The audit trail: its list, one event with its proof, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.audit.actions import Outcome
from apps.dashboard.presenters import text
from apps.dashboard.presenters.activity import actor_name, sentence, target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from apps.audit.models import AuditEvent
    from apps.dashboard.forms.audit import TrailFilterForm
    from apps.dashboard.presenters.parts import StateKind
    from apps.dashboard.queries.audit import EventPage, Sealing
    from apps.tenants.models import Tenant

OUTCOMES: dict[str, tuple[StateKind, str]] = {
    Outcome.DONE: ("done", "done"),
    Outcome.DENIED: ("failed", "denied"),
    Outcome.FAILED: ("due", "failed"),
}
LABELS = {"ip": "IP address", "email": "E-mail"}


@dataclass(frozen=True, slots=True)
class TrailLinks:
    """The pages of one trail: a tenant's, or the instance's."""

    tenant: Tenant
    is_instance: bool

    def href(self, name: str, *arguments: object) -> str:
        prefix = "instance-" if self.is_instance else ""
        return reverse(f"dashboard:{prefix}audit-{name}", args=arguments)

    @property
    def index(self) -> str:
        return self.href("list")

    @property
    def verify(self) -> str:
        return self.href("verify")

    @property
    def export(self) -> str:
        return self.href("export")

    @property
    def reads(self) -> str:
        return reverse("dashboard:audit-reads")

    @property
    def heading(self) -> str:
        return "Instance audit trail" if self.is_instance else "Audit trail"


@dataclass(frozen=True, slots=True)
class EventRow:
    href: str
    number: str
    at: datetime
    state: StateKind | None
    state_words: str
    actor: str
    sentence: str
    target: str
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    rows: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A filter that is set, and the address without it."""

    key: str
    value: str
    remove: str


@dataclass(frozen=True, slots=True)
class Timeline:
    days: tuple[Day, ...]
    tokens: tuple[Token, ...]
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Step:
    """A hash on the way from the event to the root."""

    label: str
    hash: str


@dataclass(frozen=True, slots=True)
class ProofView:
    number: int
    segment: int
    steps: tuple[Step, ...]
    state: StateKind
    state_words: str
    signed_at: datetime
    signature_state: StateKind
    signature_words: str
    anchor_state: StateKind
    anchor_words: str


@dataclass(frozen=True, slots=True)
class EventView:
    id: str
    href: str
    reveal_href: str
    heading: str
    action: str
    version: int
    actor: str
    sentence: str
    target: str
    target_id: str
    target_href: str
    outcome: StateKind
    outcome_words: str
    at: datetime
    request_id: str
    facts: tuple[tuple[str, str], ...]
    details: str  # none, hidden, revealed or erased
    personal: tuple[tuple[str, str], ...]
    proof: ProofView | None
    command: str


def timeline(
    page: EventPage, *, links: TrailLinks, names: Mapping[UUID, str], form: TrailFilterForm
) -> Timeline:
    rows = [event_row(event, page.places.get(event.id), links, names) for event in page.events]
    days = groupby(rows, key=lambda row: text.long_day(text.utc(row.at)))
    return Timeline(
        days=tuple(Day(label, tuple(each)) for label, each in days),
        tokens=tuple(list_tokens(form, links)),
        newer=turn(links, form, after=page.events[0].id) if page.has_newer and rows else "",
        older=turn(links, form, before=page.events[-1].id) if page.has_older and rows else "",
    )


def turn(links: TrailLinks, form: TrailFilterForm, **place: UUID) -> str:
    return f"{links.index}?{urlencode({**form.query, **place})}"


def list_tokens(form: TrailFilterForm, links: TrailLinks) -> list[Token]:
    chosen = form.query
    return [
        Token(
            key=str(form.fields[name].label).lower(),
            value=shown(form, name, value),
            remove=f"{links.index}?{urlencode({k: v for k, v in chosen.items() if k != name})}",
        )
        for name, value in chosen.items()
    ]


def shown(form: TrailFilterForm, name: str, value: str) -> str:
    """What was chosen, in the words of its menu."""
    choices: Any = getattr(form.fields[name], "choices", ())
    return str(dict(choices).get(value, value if name != "target" else f"…{value[-4:]}"))


def event_row(
    event: AuditEvent, place: int | None, links: TrailLinks, names: Mapping[UUID, str]
) -> EventRow:
    is_done = event.outcome == Outcome.DONE
    state, words = OUTCOMES[event.outcome]
    return EventRow(
        href=links.href("detail", event.id),
        number=text.number(place) if place else "",
        at=event.occurred_at,
        state=None if is_done else state,
        state_words=words,
        actor=actor_name(event, names),
        sentence=sentence(event),
        target=target(event),
        is_sealed=place is not None,
    )


def event_view(
    event: AuditEvent,
    *,
    links: TrailLinks,
    names: Mapping[UUID, str],
    sealing: Sealing | None,
    is_signed: bool,
    details: str,
    personal: Mapping[str, Any] | None = None,
) -> EventView:
    state, words = OUTCOMES[event.outcome]
    place = sealing.seal.sequence if sealing else None
    return EventView(
        id=str(event.id),
        href=links.href("detail", event.id),
        reveal_href=links.href("reveal", event.id),
        heading=f"Audit event {text.number(place)}" if place else "Audit event, not sealed yet",
        action=event.action,
        version=event.schema_version,
        actor=actor_name(event, names),
        sentence=sentence(event),
        target=target(event),
        target_id=str(event.target_id or ""),
        target_href=f"{links.index}?{urlencode({'target': event.target_id or ''})}",
        outcome=state,
        outcome_words=words,
        at=event.occurred_at,
        request_id=event.request_id,
        facts=tuple((name, say(value)) for name, value in sorted(event.facts.items())),
        details=details,
        personal=tuple(
            (LABELS.get(name, name), say(one)) for name, one in (personal or {}).items()
        ),
        proof=proof_view(sealing, is_signed=is_signed) if sealing else None,
        command=f"python3 tools/verify.py audit {links.tenant.slug}.jsonl"
        f" --public-key {links.tenant.slug}.pem --event {place}",
    )


def proof_view(sealing: Sealing, *, is_signed: bool) -> ProofView:
    checkpoint = sealing.checkpoint
    sides = [Step("left" if one.is_left else "right", one.hash.hex()) for one in sealing.path]
    anchored = [one for one in sealing.anchors if one.number >= checkpoint.number]
    latest = min(anchored, key=lambda one: one.anchored_at) if anchored else None
    return ProofView(
        number=sealing.seal.sequence,
        segment=checkpoint.number,
        steps=(
            Step("this event", bytes(sealing.seal.leaf).hex()),
            *sides,
            Step("root", bytes(checkpoint.root).hex()),
        ),
        state="done" if sealing.is_sound else "failed",
        state_words="leads to the root" if sealing.is_sound else "does not lead to the root",
        signed_at=checkpoint.sealed_at,
        signature_state="done" if is_signed else "failed",
        signature_words=f"signed by key {checkpoint.key_id}"
        if is_signed
        else "not signed by a key of this instance",
        anchor_state="done" if latest else "waiting" if sealing.anchors else "off",
        anchor_words=f"outside the database since {text.stamp(latest.anchored_at)}"
        if latest
        else "not yet outside the database"
        if sealing.anchors
        else "no place outside the database is set",
    )


def say(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return text.number(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def names_of(events: Sequence[AuditEvent]) -> set[UUID]:
    return {event.actor_id for event in events if event.actor_id}
