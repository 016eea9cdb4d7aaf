"""What is held about an entity besides its memories: a tab each, of the same head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.dashboard.presenters.activity import actor_name, sentence
from apps.dashboard.presenters.audit import TrailLinks
from apps.dashboard.presenters.jobs import is_add
from apps.dashboard.presenters.memories import memory_href, seal_message
from apps.dashboard.presenters.parts import Choice, SealedText, StateKind
from apps.dashboard.presenters.text import short_id
from apps.memories.enums import JobError, JobState
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from apps.audit.models import AuditEvent
    from apps.dashboard.presenters.entities import EntityPage
    from apps.dashboard.presenters.requests import RequestRow
    from apps.dashboard.queries.holdings import Page
    from apps.keys.models import EntityKey
    from apps.memories.models import Job, Message
    from apps.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    permission: Permission


TABS = {
    "": Tab("Memories", Permission.MEMORY_VIEW),
    "deleted": Tab("Deleted", Permission.MEMORY_VIEW),
    "messages": Tab("Messages", Permission.MEMORY_VIEW),
    "jobs": Tab("Jobs", Permission.MEMORY_VIEW),
    "requests": Tab("Requests", Permission.REQUEST_VIEW),
    "recipients": Tab("Recipients", Permission.HOSTS_VIEW),
    "looked": Tab("Who looked", Permission.AUDIT_VIEW),
    "keys": Tab("Keys", Permission.MEMORY_VIEW),
}


@dataclass(frozen=True, slots=True)
class Head:
    entity: EntityPage
    tabs: tuple[Choice, ...]
    requests: tuple[RequestRow, ...]
    may_reveal: bool
    may_erase: bool
    may_purge: bool

    @property
    def open_requests(self) -> list[RequestRow]:
        return [row for row in self.requests if row.is_open]


@dataclass(frozen=True, slots=True)
class Turn:
    """The pages before and after this one."""

    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class DeletedRow:
    href: str
    short_id: str
    said_at: datetime
    deleted_at: datetime
    versions: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    short_job: str
    number: int
    role: str
    said_at: datetime
    text: SealedText


@dataclass(frozen=True, slots=True)
class JobRow:
    short_id: str
    state: StateKind
    words: str
    created_at: datetime
    ended_at: datetime | None
    is_add: bool
    done: int
    total: int
    error: str


@dataclass(frozen=True, slots=True)
class LookRow:
    href: str
    at: datetime
    actor: str
    sentence: str


@dataclass(frozen=True, slots=True)
class KeyView:
    state: StateKind
    words: str
    created_at: datetime | None
    closed_at: datetime | None


JOB_STATES: Mapping[str, StateKind] = {
    JobState.PENDING: "waiting",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
}


def make_tabs(
    entity: EntityPage, allowed: Iterable[str], *, current: str, counts: Mapping[str, int]
) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            TABS[name].label,
            reverse(f"dashboard:entity-{name or 'detail'}", args=[entity.id]),
            name == current,
            counts.get(name),
        )
        for name in allowed
    )


def turn(page: Page, href: str) -> Turn:
    return Turn(
        newer=f"{href}?after={page.rows[0].id}" if page.has_newer and page.rows else "",
        older=f"{href}?before={page.rows[-1].id}" if page.has_older and page.rows else "",
    )


def deleted_row(memory: Any) -> DeletedRow:
    return DeletedRow(
        href=memory_href(memory.id),
        short_id=short_id(memory.id),
        said_at=memory.created_at,
        deleted_at=memory.deleted_at,
        versions=memory.versions,
    )


def message_row(message: Message, *, said_at: datetime, reveals: bool) -> MessageRow:
    return MessageRow(
        short_job=short_id(message.job_id),
        number=message.number,
        role=message.role,
        said_at=said_at,
        text=seal_message(message, reveals=reveals),
    )


def job_row(job: Job) -> JobRow:
    return JobRow(
        short_id=short_id(job.id),
        state=JOB_STATES[job.state],
        words=job.state,
        created_at=job.created_at,
        ended_at=job.ended_at,
        is_add=is_add(job),
        done=job.done,
        total=job.total,
        error=str(JobError(job.error).label) if job.error else "",
    )


def look_row(event: AuditEvent, *, tenant: Tenant, names: Mapping[UUID, str]) -> LookRow:
    said = sentence(event).removesuffix(" of")
    links = TrailLinks(tenant, is_instance=False)
    return LookRow(
        href=links.href("detail", event.id),
        at=event.occurred_at,
        actor=actor_name(event, names),
        sentence=said,
    )


def key_view(key: EntityKey | None) -> KeyView:
    if key is None or key.destroyed_at:
        return KeyView("off", "destroyed", None, None)
    if key.closed_at:
        words = "closed: what it sealed can be read, nothing new is sealed"
        return KeyView("held", words, key.created_at, key.closed_at)
    return KeyView("done", "present, wrapped under the tenant's key", key.created_at, None)
