"""Requests of people as pages show them. Nothing here touches the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.common.actor import ActorKind
from apps.dashboard.presenters.parts import Choice, StateKind, Step
from apps.dashboard.presenters.text import counted, long, number
from apps.privacy import enums
from apps.privacy.domain.redacting import BEFORE_WORK, COPIED
from apps.privacy.enums import ARTICLES, OPEN, RequestKind, RequestState
from apps.privacy.rules import Move, list_moves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from apps.privacy.models import Certificate, Note, Request

SOON_DAYS = 7
STATES: Mapping[str, StateKind] = {
    RequestState.RECEIVED: "waiting",
    RequestState.VERIFIED: "waiting",
    RequestState.APPROVED: "waiting",
    RequestState.RUNNING: "running",
    RequestState.DONE: "done",
    RequestState.REFUSED: "off",
    RequestState.WITHDRAWN: "off",
    RequestState.FAILED: "failed",
    RequestState.BLOCKED_BY_HOLD: "held",
}
RAIL = (
    RequestState.RECEIVED,
    RequestState.VERIFIED,
    RequestState.APPROVED,
    RequestState.RUNNING,
    RequestState.DONE,
)
OPEN_TAB, BOARD_TAB, ALL_TAB = "open", "board", "all"
TABS = (OPEN_TAB, BOARD_TAB, ALL_TAB)
VERBS = {Move.APPROVE: "Approve", Move.WITHDRAW: "Withdraw"}


@dataclass(frozen=True, slots=True)
class RequestRow:
    href: str
    kind: str
    short_id: str
    raw: str
    state: StateKind
    words: str
    due_on: date
    due_state: StateKind
    due_words: str
    is_open: bool
    assignee: str


@dataclass(frozen=True, slots=True)
class Column:
    """Of the board."""

    words: str
    state: StateKind
    rows: tuple[RequestRow, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """A line of the certificate. None is not known yet."""

    table: str
    found: int
    shredded: int | None = None
    deleted_only: int | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    label: str
    state: StateKind
    words: str


@dataclass(frozen=True, slots=True)
class NoteLine:
    at: Any
    author: str
    text: str | None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request with everything that hangs on it."""

    id: str
    kind: str
    heading: str
    article: int
    subject: str | None
    subject_href: str
    reference: str | None
    row: RequestRow
    rail: tuple[Step, ...]
    steps: tuple[Step, ...]
    done: int
    total: int
    moves: frozenset[str]
    is_running: bool
    needs_approval: bool
    check: str
    refusal: str
    explanation: str | None
    failure: str
    is_paused: bool
    counts: tuple[Count, ...]
    horizons: tuple[Horizon, ...]
    certificate: Mapping[str, Any] | None
    has_copy: bool
    may_redact: bool
    redactions: str
    notes: tuple[NoteLine, ...]

    def href(self, name: str) -> str:
        return reverse(f"dashboard:request-{name}", args=[self.id])

    @property
    def moves_href(self) -> str:
        return reverse("dashboard:request-detail", args=[self.id])

    @property
    def words(self) -> str:
        """How far the work is."""
        return f"{number(self.done)} of {number(self.total)}" if self.total else self.row.words

    @property
    def command(self) -> str:
        return f"python tools/verify.py certificate {self.id}.json --public-key keys.pem"

    @property
    def signed_at(self) -> str:
        return say_moment(self.certificate["issued_at"] if self.certificate else None)


def request_tabs(current: str, *, open_count: int) -> list[Choice]:
    href = reverse("dashboard:request-list")
    return [
        Choice("By due date", href, current == OPEN_TAB, open_count),
        Choice("Board", f"{href}?show={BOARD_TAB}", current == BOARD_TAB),
        Choice("All", f"{href}?show={ALL_TAB}", current == ALL_TAB),
    ]


def make_board(rows: Sequence[RequestRow]) -> list[Column]:
    """A column for each state that is open, in the order of the way; what is due first is above."""
    return [
        Column(say_state(state), STATES[state], tuple(row for row in rows if row.raw == state))
        for state in OPEN
    ]


def request_row(request: Request, *, today: date, names: Mapping[UUID, str]) -> RequestRow:
    due_state, due_words = say_due(request, today)
    return RequestRow(
        href=reverse("dashboard:request-detail", args=[request.id]),
        kind=say_kind(request),
        short_id=f"…{str(request.id)[-4:]}",
        raw=request.state,
        state=STATES[request.state],
        words=say_state(request.state),
        due_on=request.due_on,
        due_state=due_state,
        due_words=due_words,
        is_open=request.is_open,
        assignee=names.get(request.assignee_id, "") if request.assignee_id else "",
    )


def say_due(request: Request, today: date) -> tuple[StateKind, str]:
    if not request.is_open:
        return "off", "ended"
    if request.paused_at:
        return "waiting", "clock stands still"
    days = (request.due_on - today).days
    if days < 0:
        return "failed", f"{counted(-days, 'day')} overdue"
    if days == 0:
        return "due", "due today"
    return ("due" if days <= SOON_DAYS else "waiting"), f"{counted(days, 'day')} left"


def say_kind(request: Request) -> str:
    kind = RequestKind(request.kind).label
    return f"Lift {kind.lower()}" if request.is_lift else kind


def say_state(state: str) -> str:
    return state.replace("_", " ")


def request_page(
    request: Request,
    *,
    subject: str | None,
    needs_approval: bool,
    certificate: Certificate | None,
    has_copy: bool,
    notes: Sequence[Note],
    names: Mapping[UUID, str],
    today: date,
) -> RequestPage:
    moves = list_moves(
        state=RequestState(request.state), mover=ActorKind.OPERATOR, needs_approval=needs_approval
    )
    document = certificate.document if certificate else None
    done, total = measure(request)
    return RequestPage(
        id=str(request.id),
        kind=request.kind,
        heading=f"{say_kind(request)} of",
        article=ARTICLES[RequestKind(request.kind)],
        subject=subject,
        subject_href=_subject_href(request, subject),
        reference=request.reference,
        row=request_row(request, today=today, names=names),
        rail=tuple(make_rail(request, needs_approval=needs_approval)),
        steps=tuple(make_steps(request)),
        done=done,
        total=total,
        moves=frozenset(move.value for move in moves),
        is_running=request.state == RequestState.RUNNING,
        needs_approval=needs_approval,
        check=_label(enums.IdentityCheck, request.identity_check),
        refusal=_label(enums.RefusalReason, request.refusal),
        explanation=request.explanation,
        failure=request.failure,
        is_paused=request.paused_at is not None,
        counts=tuple(make_counts(request, document)),
        horizons=tuple(make_horizons(document)) if document else (),
        certificate=document,
        has_copy=has_copy,
        may_redact=is_redactable(request),
        redactions=say_redactions(request),
        notes=tuple(
            NoteLine(note.created_at, _name_author(note, names), note.text) for note in notes
        ),
    )


def is_redactable(request: Request) -> bool:
    """Before the copy is written."""
    return (
        request.kind in COPIED and request.subject_id is not None and request.state in BEFORE_WORK
    )


def say_redactions(request: Request) -> str:
    marked = request.redactions or {}
    if not marked:
        return "Nothing is redacted"
    passages, records = len(marked["passages"]), len(marked["records"])
    return f"{counted(passages, 'passage')} and {counted(records, 'record')} are redacted"


def measure(request: Request) -> tuple[int, int]:
    """Rows done and in all, of the steps that count."""
    with_totals = [known for _, known in request.steps if known.get("total")]
    total = sum(known["total"] for known in with_totals)
    done = sum(min(known.get("done", 0), known["total"]) for known in with_totals)
    return (total if request.state == RequestState.DONE else done), total


def make_rail(request: Request, *, needs_approval: bool) -> list[Step]:
    """The states of the straight way, and how far it is gone."""
    states = [state for state in RAIL if state != RequestState.APPROVED or needs_approval]
    at = states.index(RequestState(request.state)) if request.state in states else -1
    if request.state in {RequestState.FAILED, RequestState.BLOCKED_BY_HOLD}:
        at = states.index(RequestState.RUNNING)
    return [
        Step(state.label.capitalize(), _rail_state(place, at, request))
        for place, state in enumerate(states)
    ]


def _rail_state(place: int, at: int, request: Request) -> StateKind:
    if place < at or request.state == RequestState.DONE:
        return "done"
    return STATES[request.state] if place == at and place > 0 else "waiting"


def make_steps(request: Request) -> list[Step]:
    return [
        Step(
            step.label,
            "done" if "ended_at" in known else _step_state(request),
            figure=_figure(known),
        )
        for step, known in request.steps
    ]


def _step_state(request: Request) -> StateKind:
    return "failed" if request.failure else "running"


def _figure(step: Mapping[str, Any]) -> str:
    done, total = step.get("done", 0), step.get("total")
    if total:
        return f"{number(done)} of {number(total)}"
    return number(done) if done else ""


def make_counts(request: Request, document: Mapping[str, Any] | None) -> list[Count]:
    if document:
        return [
            Count(
                _name(row["table"]), row["found"], row["shredded"], row["deleted_only"], row["left"]
            )
            for row in document["tables"]
        ]
    found: dict[str, int] = request.progress.get("found", {})
    return [Count(_name(label), count) for label, count in found.items()]


def make_horizons(document: Mapping[str, Any]) -> list[Horizon]:
    ends = document["horizons"]
    overwritten = ends["overwritten"]
    return [
        Horizon("Removed", "done", f"{say_moment(ends['removed'])}, by vacuum"),
        Horizon(
            "Overwritten",
            "done" if overwritten else "waiting",
            say_moment(overwritten)
            or "by the next scrub; until then freed space on disk may hold bytes",
        ),
        Horizon("Key backups", "waiting", f"last copy goes {ends['key_backups']}"),
        Horizon("Data backups", "waiting", f"last copy goes {ends['data_backups']}"),
        Horizon("Write-ahead log", "waiting", f"until {ends['write_ahead_log']} is recycled"),
        Horizon(
            "Audit trail",
            "done" if ends["audit_checkpoint"] else "waiting",
            f"covered by checkpoint {ends['audit_checkpoint']}"
            if ends["audit_checkpoint"]
            else "by the next checkpoint",
        ),
    ]


def say_moment(written: str | None) -> str:
    """A time as a certificate has it, for a reader."""
    return long(datetime.fromisoformat(written)) if written else ""


def _subject_href(request: Request, subject: str | None) -> str:
    if request.subject_id is None or subject is None:
        return ""
    return reverse("dashboard:entity-detail", args=[request.subject_id])


def _name_author(note: Note, names: Mapping[UUID, str]) -> str:
    return names.get(note.author_id, "An operator") if note.author_id else "System"


def _name(label: str) -> str:
    return label.rpartition(".")[2]


def _label(kind: Any, value: str) -> str:
    return str(kind(value).label) if value else ""
