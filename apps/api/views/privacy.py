"""Requests of people, passed on by applications."""

from typing import ClassVar

from django.http import FileResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_page
from apps.api.pages import check_page, make_page
from apps.api.presenting_requests import present_request
from apps.api.reading_requests import read_new_request, read_request_id
from apps.api.views.base import ScopedView
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.certificates import get_certificate
from apps.privacy.domain.copies import open_copy
from apps.privacy.domain.requests import open_request
from apps.privacy.queries import list_requests, read_request
from apps.tenants.enums import ApiScope


class RequestList(ScopedView):
    """/api/v1/privacy/requests/: opens a request, or lists them, newest first."""

    scopes: ClassVar = {"GET": ApiScope.PRIVACY, "POST": ApiScope.PRIVACY}

    def get(self, request: Request) -> Response:
        page = read_page(request.GET)
        with tenant_scope(tenant_id_of(request)):
            rows, count = list_requests(offset=page.offset, limit=page.size)
        check_page(page, count=count)
        results = [present_request(row) for row in rows]
        return Response(make_page(request, page, count=count, results=results))

    def post(self, request: Request) -> Response:
        """The same reference or Idempotency-Key answers the first request again."""
        new = read_new_request(body_of(request), request.headers.get("Idempotency-Key", ""))
        opened, _ = open_request(tenant_id=tenant_id_of(request), new=new, by=actor_of(request))
        found = read_request(tenant_id=tenant_id_of(request), request_id=opened.id)
        return Response(present_request(found), status=201)


class RequestDetail(ScopedView):
    """GET /api/v1/privacy/requests/{id}/"""

    scopes: ClassVar = {"GET": ApiScope.PRIVACY}

    def get(self, request: Request, request_id: str) -> Response:
        found = read_request(
            tenant_id=tenant_id_of(request), request_id=read_request_id(request_id)
        )
        return Response(present_request(found))


class RequestDownload(ScopedView):
    """GET /api/v1/privacy/requests/{id}/download/: the copy, one ZIP."""

    scopes: ClassVar = {"GET": ApiScope.PRIVACY}

    def get(self, request: Request, request_id: str) -> HttpResponseBase:
        file, size = open_copy(
            tenant_id=tenant_id_of(request),
            request_id=read_request_id(request_id),
            by=actor_of(request),
        )
        headers = {"Content-Length": str(size), "Cache-Control": "no-store"}
        return FileResponse(
            file,
            as_attachment=True,
            filename="copy.zip",
            content_type="application/zip",
            headers=headers,
        )


class RequestCertificate(ScopedView):
    """GET /api/v1/privacy/requests/{id}/certificate/: the newest, as it was signed."""

    scopes: ClassVar = {"GET": ApiScope.PRIVACY}

    def get(self, request: Request, request_id: str) -> Response:
        with tenant_scope(tenant_id_of(request)):
            certificate = get_certificate(read_request_id(request_id))
        return Response(certificate.document)
