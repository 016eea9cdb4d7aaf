"""Requests as JSON."""

from typing import Any

from apps.privacy.enums import RequestState
from apps.privacy.models import Request

Json = dict[str, Any]


def present_request(request: Request) -> Json:
    return {
        "id": request.id,
        "kind": request.kind,
        "status": request.state,
        "reference": request.reference,
        "lift": request.is_lift,
        "received_at": request.received_on,
        "due_at": request.due_on,
        "created_at": request.created_at,
        "started_at": request.started_at,
        "ended_at": request.ended_at,
        "refusal": request.refusal or None,
        "failure": request.failure or None,
        "progress": present_progress(request),
    }


def present_progress(request: Request) -> Json:
    """Rows done and in all, and each step that has begun."""
    counted = [known for _, known in request.steps if known.get("total")]
    done = sum(min(step.get("done", 0), step["total"]) for step in counted)
    total = sum(step["total"] for step in counted)
    if request.state == RequestState.DONE:
        done = total
    return {
        "done": done,
        "total": total,
        "steps": [
            {
                "step": step,
                "done": known.get("done", 0),
                "total": known.get("total"),
                "is_done": "ended_at" in known,
            }
            for step, known in request.steps
        ],
    }
