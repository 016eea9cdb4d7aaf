"""What the API is: as OpenAPI, and as a page. Both are the same on every server, and open."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.api.schema.document import write_document
from apps.api.schema.reader import read_sections


@require_safe
def schema(_: HttpRequest) -> HttpResponse:
    """/api/schema/: OpenAPI 3.1."""
    return HttpResponse(write_document(), content_type="application/vnd.oai.openapi+json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """/api/docs/"""
    host = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/docs.html", {"sections": read_sections(host)})
