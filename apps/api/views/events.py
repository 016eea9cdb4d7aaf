"""Jobs, which the wire calls events."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import tenant_id_of
from apps.api.inputs import read_page
from apps.api.pages import check_page, make_page
from apps.api.presenting_jobs import present_job
from apps.api.reads import record_read
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.jobs import count_jobs, read_job, read_jobs
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class EventDetail(ScopedView):
    """GET /v1/event/{id}/: a job with its state, results and error."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.EVENTS}

    def get(self, request: Request, event_id: str) -> Response:
        with tenant_scope(tenant_id_of(request)):
            view = read_job(_read_id(event_id))
            record_read(request, list(view.memories.values()))
        return Response(present_job(view))


class EventList(ScopedView):
    """GET /v1/events/: a page of jobs, newest first."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.EVENTS}

    def get(self, request: Request) -> Response:
        page = read_page(request.GET)
        with tenant_scope(tenant_id_of(request)):
            count = count_jobs()
            check_page(page, count=count)
            views = read_jobs(offset=page.offset, limit=page.size)
            record_read(request, [row for view in views for row in view.memories.values()])
        results = [present_job(view) for view in views]
        return Response(make_page(request, page, count=count, results=results))


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("event_id should be a valid UUID", field="event_id") from None
