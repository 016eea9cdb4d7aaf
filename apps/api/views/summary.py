"""Summaries of an entity's memories, which the language model writes in a job."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.narrowing import NARROWING, read_filters
from apps.api.reads import record_read
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid
from apps.memories.domain.summaries import SummaryView, request_summary
from apps.memories.extractors import has_model
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

NO_MODEL = "Summaries are written by a language model, and none is configured."


class Summary(ScopedView):
    """POST /v1/summary/: a job at first; the same again answers the text, once it is there."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.SUMMARY}

    def post(self, request: Request) -> Response:
        body = body_of(request)
        read_filters(body)
        if not has_model():
            raise Invalid(NO_MODEL)
        reading.refuse(body, tuple(NARROWING), "must stand inside filters.")
        view = request_summary(
            tenant_id=tenant_id_of(request),
            filters=reading.read_object(body, "filters") or {},
            by=actor_of(request),
        )
        record_read(request, view.memories)
        return Response([_present(view)])


def _present(view: SummaryView) -> dict[str, Any]:
    return {
        "id": view.job.id,
        "event_id": view.job.id,
        "status": view.job.state,
        "summary": view.text,
        "memories": None if view.text is None else len(view.memories),
        "created_at": view.job.created_at,
        "updated_at": view.job.updated_at,
    }
