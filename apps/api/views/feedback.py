"""What an application's users think of memories."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_memory_id
from apps.api.reading import Values
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid
from apps.memories.domain.feedback import give_feedback
from apps.memories.enums import FeedbackVerdict
from apps.tenants.enums import ApiScope


class FeedbackGive(ScopedView):
    """POST /v1/feedback/: the last one counts, null withdraws it."""

    scopes: ClassVar = {"POST": ApiScope.WRITE}

    def post(self, request: Request) -> Response:
        body = body_of(request)
        feedback = give_feedback(
            tenant_id=tenant_id_of(request),
            memory_id=read_memory_id(str(body.get("memory_id"))),
            verdict=_read_verdict(body),
            reason=reading.read_optional(body, "feedback_reason"),
            by=actor_of(request),
        )
        return Response(
            {
                "id": feedback.id,
                "feedback": feedback.verdict,
                "feedback_reason": feedback.reason,
            }
        )


def _read_verdict(body: Values) -> FeedbackVerdict | None:
    word = body.get("feedback")
    if word is None:
        return None
    if not isinstance(word, str) or word.upper() not in FeedbackVerdict.values:
        allowed = ", ".join(FeedbackVerdict.values)
        raise Invalid(f"feedback must be one of {allowed}, or null.", field="feedback")
    return FeedbackVerdict(word.upper())
