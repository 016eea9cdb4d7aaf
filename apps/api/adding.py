"""An add, for whatever envelope a path puts around it."""

import time
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.request import Request

from apps.api import reading
from apps.api.authentication import actor_of, tenant_id_of
from apps.api.inputs import read_add
from apps.api.presenting import Json, present_added, present_redacted
from apps.api.presenting_jobs import present_outcome
from apps.api.reading import Values
from apps.isolation.scope import tenant_scope
from apps.memories.domain.jobs import accept_job
from apps.memories.domain.memories import add_memories
from apps.memories.domain.running import run_now
from apps.memories.domain.values import NewMemories, Repeat
from apps.memories.extractors import has_extractor
from apps.memories.jobs import read_job

ACCEPTED = "The messages were accepted: memories are being made of them"
STORED = "Memories stored successfully"
STORED_VERBATIM = "No LLM is configured: the messages were stored verbatim"


def add(request: Request, body: Values, *, is_async: bool, repeat: Repeat | None = None) -> Json:
    """Keep messages as memories, or accept a job that makes memories of them.

    A job answers at once, or with `async_mode` false when it has ended, if that is soon; where the
    body does not say, `is_async` does.
    """
    new = read_add(body)
    is_inferred = reading.read_bool(body, "infer", default=True)
    is_async = reading.read_bool(body, "async_mode", default=is_async)
    if not (is_inferred and has_extractor()):
        return _store(request, new, repeat, STORED_VERBATIM if is_inferred else STORED)
    tenant_id = tenant_id_of(request)
    job_id = accept_job(tenant_id=tenant_id, new=new, repeat=repeat, by=actor_of(request))
    if is_async:
        return {"message": ACCEPTED, "status": "PENDING", "event_id": job_id}
    return _wait(request, job_id)


def _store(request: Request, new: NewMemories, repeat: Repeat | None, message: str) -> Json:
    result = add_memories(
        tenant_id=tenant_id_of(request), new=new, repeat=repeat, by=actor_of(request)
    )
    return {
        "message": message,
        "status": "SUCCEEDED",
        "event_id": result.event_id,
        "results": [present_added(added) for added in result.added],
        **present_redacted(result.redacted),
    }


def _wait(request: Request, job_id: UUID) -> dict[str, Any]:
    tenant_id, ends = tenant_id_of(request), time.monotonic() + settings.SYNC_SECONDS
    run_now(
        tenant_id=tenant_id,
        job_id=job_id,
        goes_on=lambda: time.monotonic() < ends,
        by=actor_of(request),
    )
    with tenant_scope(tenant_id):
        view = read_job(job_id)
    return present_outcome(view)
