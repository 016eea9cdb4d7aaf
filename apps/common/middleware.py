"""Gives each request an id and writes one line about it: the route's template, never the path."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from apps.common.context import request_id
from apps.common.ids import uuid7

logger = structlog.get_logger("memoryhub.request")


class RequestContextMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(str(uuid7()))
        started = time.perf_counter()
        try:
            collapse_slashes(request)
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            if not response.streaming:
                response["Content-Length"] = str(len(response.content))
            write_line(request, response, started)
            return response
        finally:
            request_id.reset(token)


def collapse_slashes(request: HttpRequest) -> None:
    """Clients that join a host ending in a slash with a path ask for `//v1/...`."""
    if request.path_info.startswith("//"):
        request.path_info = "/" + request.path_info.lstrip("/")


def write_line(request: HttpRequest, response: HttpResponse, started: float) -> None:
    match = request.resolver_match
    logger.info(
        "request",
        method=request.method,
        route=match.route if match else "",
        status=response.status_code,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )
