"""Jobs as their room shows them. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from apps.dashboard.presenters.memories import memory_href, seal, seal_message
from apps.dashboard.presenters.parts import Choice, SealedText
from apps.dashboard.presenters.text import counted, short_id
from apps.memories.domain.jobs import FOR_GOOD
from apps.memories.enums import JobError, JobKind, JobState, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from apps.dashboard.presenters.parts import StateKind
    from apps.memories.jobs import JobView
    from apps.memories.models import Job, Message

STATES: Mapping[str, tuple[StateKind, str]] = {
    JobState.PENDING: ("waiting", "waits"),
    JobState.RUNNING: ("running", "runs"),
    JobState.SUCCEEDED: ("done", "succeeded"),
    JobState.FAILED: ("failed", "failed"),
}


@dataclass(frozen=True, slots=True)
class EntityLink:
    kind: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class JobRow:
    href: str
    short_id: str
    state: StateKind
    word: str
    reason: str
    entities: tuple[EntityLink, ...]
    messages: str
    tokens: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    number: int
    speaker: str
    text: SealedText


@dataclass(frozen=True, slots=True)
class ResultView:
    """What became of one statement. Without a memory it came to nothing."""

    verdict: str
    text: SealedText | None
    href: str
    replaced: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JobDetail:
    row: JobRow
    id: str
    tokens_in: int
    tokens_out: int
    tries: int
    started_at: datetime | None
    ended_at: datetime | None
    is_add: bool
    messages: tuple[MessageView, ...]
    messages_note: str
    results: tuple[ResultView, ...]
    can_retry: bool
    is_revealed: bool

    @property
    def has_hidden(self) -> bool:
        texts = [*(one.text for one in self.messages), *(one.text for one in self.results)]
        return any(text is not None and text.state == "hidden" for text in texts)


def job_row(view: JobView) -> JobRow:
    job = view.job
    state, word = STATES[job.state]
    return JobRow(
        href=reverse("dashboard:job-detail", args=[job.id]),
        short_id=short_id(job.id),
        state=state,
        word=word,
        reason=JobError(job.error).label if job.error else "",
        entities=entity_links(view),
        messages=f"{job.done} of {job.total}" if is_add(job) else "summary",
        tokens=job.tokens_in + job.tokens_out,
        created_at=job.created_at,
    )


def entity_links(view: JobView) -> tuple[EntityLink, ...]:
    return tuple(
        EntityLink(
            kind.value,
            name,
            reverse("dashboard:entity-detail", args=[getattr(view.job, f"{kind.value}_id")]),
        )
        for kind, name in view.names.items()
    )


def job_detail(view: JobView, messages: Sequence[Message], *, reveals: bool) -> JobDetail:
    job = view.job
    gone = job.total - len(messages) if is_add(job) else 0
    return JobDetail(
        row=job_row(view),
        id=str(job.id),
        tokens_in=job.tokens_in,
        tokens_out=job.tokens_out,
        tries=job.tries,
        started_at=job.started_at,
        ended_at=job.ended_at,
        is_add=is_add(job),
        messages=tuple(message_view(message, reveals=reveals) for message in messages),
        messages_note=f"{counted(gone, 'message')} not kept: no memory came of them"
        if gone
        else "",
        results=tuple(result_view(view, line, reveals=reveals) for line in job.results),
        can_retry=is_retryable(job),
        is_revealed=reveals,
    )


def is_add(job: Job) -> bool:
    return job.kind == JobKind.ADD


def is_retryable(job: Job) -> bool:
    return job.state == JobState.FAILED and job.error not in FOR_GOOD


def message_view(message: Message, *, reveals: bool) -> MessageView:
    text = seal_message(message, reveals=reveals)
    return MessageView(message.number + 1, message.name or message.role, text)


def result_view(view: JobView, line: Mapping[str, Any], *, reveals: bool) -> ResultView:
    memory = view.memories.get(UUID(line["id"])) if "id" in line else None
    return ResultView(
        verdict=Verdict(line["verdict"]).label,
        text=seal(memory, reveals=reveals) if memory else None,
        href=memory_href(memory.id) if memory else "",
        replaced=tuple((short_id(each), memory_href(each)) for each in line.get("replaced", ())),
    )


def job_tabs(counts: Mapping[str, int], shown: str) -> list[Choice]:
    href = reverse("dashboard:job-list")
    states = [
        Choice(word.capitalize(), f"{href}?state={state}", shown == state, counts.get(state, 0))
        for state, (_, word) in STATES.items()
    ]
    return [Choice("All", href, not shown, sum(counts.values())), *states]
