"""Memories for agents that speak the Model Context Protocol."""

from typing import ClassVar

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.mcp.server import answer_mcp
from apps.api.views.base import ScopedView
from apps.common.errors import TooLarge


class Mcp(ScopedView):
    """POST /mcp: one message of streamable HTTP, answered as JSON. Each tool names its scope."""

    scopes: ClassVar = {"POST": None}

    def post(self, request: Request) -> HttpResponse:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = request._request.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(f"The body must have at most {limit} bytes.", field="body")
        return answer_mcp(request, body)
