"""Jobs page by page, and one with its messages. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from apps.common.errors import NotFound
from apps.keys.queries import with_keys
from apps.memories.jobs import JobView, open_jobs
from apps.memories.models import Job, Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from apps.memories.enums import JobState

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class JobPage:
    rows: Sequence[JobView]
    has_older: bool


def list_jobs(state: JobState | None, before: UUID | None) -> JobPage:
    """The newest first, by keyset. Four statements at most."""
    jobs = Job.objects.order_by("-id")
    if state:
        jobs = jobs.filter(state=state)
    if before:
        jobs = jobs.filter(id__lt=before)
    rows = open_jobs(jobs[: PAGE_SIZE + 1])
    return JobPage(rows[:PAGE_SIZE], len(rows) > PAGE_SIZE)


def count_states() -> dict[str, int]:
    """One statement."""
    return dict(Job.objects.values_list("state").annotate(Count("id")).order_by())


def get_job(job_id: UUID) -> JobView:
    found = open_jobs(Job.objects.filter(id=job_id))
    if not found:
        raise NotFound("No job has this id.")
    return found[0]


def list_messages(job_id: UUID) -> list[Message]:
    """Those that are still there, open, in their order."""
    rows = with_keys(Message.objects.filter(job=job_id).order_by("number"))
    for row in rows:
        _ = row.content, row.name
    return rows
