"""Jobs as the events of the mem0 wire."""

from typing import Any
from uuid import UUID

from apps.api.presenting import Json, present_redacted
from apps.memories.enums import EntityKind, JobError, JobKind, JobState, Verdict
from apps.memories.jobs import JobView

ENDED = {
    JobState.SUCCEEDED: "Memories stored successfully",
    JobState.FAILED: "The job has failed",
}
STILL_RUNNING = "The job is not done yet: ask for it by its event_id"
ADDED = (
    Verdict.NEW,
    Verdict.SUPERSEDES,
    Verdict.UNKNOWN_MEMORY,
    Verdict.TOO_MUCH,
    Verdict.PROTECTED,
)


def present_job(view: JobView) -> Json:
    job = view.job
    took = job.ended_at - job.created_at if job.ended_at else None
    return {
        "id": job.id,
        "event_type": JobKind(job.kind).name,
        "status": job.state,
        "payload": _present_payload(view),
        "metadata": job.request["metadata"] if job.request and not view.is_restricted else None,
        "results": present_results(view),
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "started_at": job.started_at,
        "completed_at": job.ended_at,
        "latency": took.total_seconds() * 1000 if took else None,
        "error": JobError(job.error).label if job.error else None,
        "error_code": job.error or None,
        "graph_status": None,
    }


def present_outcome(view: JobView) -> Json:
    """The answer to who waited for a job. Without an end it is as if nobody had waited."""
    job = view.job
    if not job.ended_at:
        return {"message": STILL_RUNNING, "status": "PENDING", "event_id": job.id}
    return {
        "message": ENDED[JobState(job.state)],
        "status": job.state,
        "event_id": job.id,
        "results": present_results(view),
        **({"error": JobError(job.error).label} if job.error else {}),
    }


def present_results(view: JobView) -> list[Json]:
    """One entry a statement: what became of it, and why. Deleted memories have no text."""
    return [_present_line(view, line) for line in view.job.results]


def _present_line(view: JobView, line: dict[str, Any]) -> Json:
    verdict = Verdict(line["verdict"])
    memory = view.memories.get(UUID(line["id"])) if "id" in line else None
    is_added = "id" in line and verdict in ADDED
    return {
        "id": line.get("id"),
        "data": {"memory": memory.text if memory else None},
        "event": "ADD" if is_added else "NOOP",
        "reason": verdict,
        "reason_text": verdict.label,
        "replaced": line.get("replaced", []),
    }


def _present_payload(view: JobView) -> Json:
    """What was asked, without the messages."""
    ids = {f"{kind.value}_id": view.names.get(kind) for kind in EntityKind}
    redacted = (view.job.request or {}).get("redacted", {})
    counts = {"messages": view.job.total, "done": view.job.done}
    return {**ids, **counts, **present_redacted(redacted)}
