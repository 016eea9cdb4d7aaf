"""Pages that say what went wrong, with the request id that the log has too."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from apps.common.context import request_id
from apps.common.failures import log_failure

if TYPE_CHECKING:
    from django.http import HttpRequest


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the domain refuses says why; else it is for the role."""
    detail = getattr(exception, "detail", "")
    return render(request, "403.html", {"detail": detail}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def failed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Without context processors: whatever failed must not fail again here."""
    if error := sys.exception():
        log_failure(error)
    context = {"theme": "system", "error_base": "entrance.html", "request_id": request_id.get()}
    return HttpResponse(render_to_string("500.html", context), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return render(request, "403_csrf.html", status=403)
