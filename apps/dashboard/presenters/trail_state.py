"""How the audit trail stands: verified when, what waits, what could still be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from apps.audit.domain.checks import read_state
from apps.dashboard.presenters import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apps.audit.domain.verification import Problem
    from apps.audit.models import AuditAnchor, AuditCheck
    from apps.audit.queries import TrailState
    from apps.dashboard.presenters.parts import StateKind

SHOWN = 5  # problems
KINDS = {
    "edited": "says something else than when it was sealed",
    "reordered": "stands at another's place",
    "removed": "is not there any more",
    "inserted": "was never sealed in its turn",
    "rehashed": "begins a segment whose root is another than the signed one",
    "forged": "begins a segment whose checkpoint was changed",
    "truncated": "begins a segment whose checkpoint is missing",
    "details": "has other personal details than those that were digested",
}


@dataclass(frozen=True, slots=True)
class TrailStateView:
    state: StateKind
    word: str
    sentence: str
    ended_at: datetime | None
    waiting: str
    anchor: str
    problems: tuple[str, ...]
    command: str
    is_running: bool
    done: int
    total: int
    progress: str
    can_export: bool
    export_command: str


def trail_state(found: TrailState, *, slug: str, most_exported: int) -> TrailStateView:
    sealed = found.last.last if found.last else 0
    done = found.running.state["events"] if found.running else 0
    state, word, sentence, problems = describe(found.ended)
    return TrailStateView(
        state=state,
        word=word,
        sentence=sentence,
        ended_at=found.ended.ended_at if found.ended else None,
        waiting=say_waiting(found.unsealed),
        anchor=say_anchored(found.anchors),
        problems=problems,
        command=f"manage.py audit_verify --tenant {slug}",
        is_running=found.running is not None,
        done=done,
        total=max(sealed, 1),
        progress=f"{text.number(done)} of {text.number(sealed)} events",
        can_export=sealed <= most_exported,
        export_command=f"manage.py audit_export --tenant {slug} --out {slug}.jsonl",
    )


def describe(ended: AuditCheck | None) -> tuple[StateKind, str, str, tuple[str, ...]]:
    if ended is None:
        return "off", "Not verified yet", "it runs every night", ()
    found = read_state(ended.state)
    counted = text.counted(found.events, "event")
    if not found.problems:
        return "done", "Verified", f"{counted}, 0 problems", ()
    count = text.counted(len(found.problems), "problem")
    lines = tuple(say_problem(problem) for problem in found.problems[:SHOWN])
    return "failed", f"{count} found", f"among {counted}", lines


def say_problem(problem: Problem) -> str:
    which = "An event" if problem.sequence is None else f"Event {text.number(problem.sequence)}"
    return f"{which} {KINDS[problem.kind]} ({problem.kind})"


def say_waiting(unsealed: int) -> str:
    if not unsealed:
        return "Every event is sealed."
    verb = "waits" if unsealed == 1 else "wait"
    return f"{text.counted(unsealed, 'event')} {verb} for the next seal, a few seconds."


def say_anchored(anchors: Sequence[AuditAnchor]) -> str:
    if not settings.AUDIT_ANCHORS:
        return "No place outside the database is set to anchor it."
    if not anchors:
        return "Not anchored outside the database yet; it happens every 5 minutes."
    latest = max(anchors, key=lambda one: one.anchored_at)
    return f"Anchored outside the database {text.long(latest.anchored_at)}."
