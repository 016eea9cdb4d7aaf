"""The MCP server: the official SDK's, without sessions, behind a synchronous view.

Each request gets a loop of its own. Tools run in the thread of the view, whose connection to the
database they use; the loop only speaks the protocol.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
import orjson
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse
from mcp.server import Server, ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from rest_framework.request import Request

from apps.api.authentication import key_of
from apps.api.mcp.calls import CALLS, Call
from apps.common.errors import DomainError, Forbidden
from apps.telemetry.domain.reports import telemetry

NAME = "MemoryHub"


@dataclass(slots=True)
class _Exchange:
    """One HTTP request and its answer, as ASGI has them."""

    request: Request
    body: bytes
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)

    @property
    def scope(self) -> dict[str, Any]:
        meta = self.request.META
        headers = [
            (name.removeprefix("HTTP_").replace("_", "-").lower().encode(), str(value).encode())
            for name, value in meta.items()
            if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        ]
        return {
            "type": "http",
            "http_version": "1.1",
            "method": self.request.method,
            "scheme": self.request.scheme,
            "path": self.request.path,
            "raw_path": self.request.path.encode(),
            "query_string": b"",
            "headers": headers,
            "server": None,
            "client": None,
        }

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.answer += message.get("body", b"")


def answer_mcp(request: Request, body: bytes) -> HttpResponse:
    """Takes a request whose key was authenticated."""
    exchange = _Exchange(request, body)
    async_to_sync(_serve)(exchange)
    response = HttpResponse(bytes(exchange.answer), status=exchange.status)
    for name, value in exchange.headers:
        if name.lower() != b"content-length":
            response[name.decode()] = value.decode()
    return response


async def _serve(exchange: _Exchange) -> None:
    manager = StreamableHTTPSessionManager(
        app=_make_server(exchange.request), json_response=True, stateless=True
    )
    async with manager.run():
        await manager.handle_request(exchange.scope, exchange.receive, exchange.send)


def _make_server(request: Request) -> Server[Any]:
    async def list_tools(
        _: ServerRequestContext[Any], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=list(_list_tools()))

    async def call_tool(
        _: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        return await sync_to_async(_call, thread_sensitive=True)(request, params)

    return Server(NAME, on_list_tools=list_tools, on_call_tool=call_tool)


def _list_tools() -> Iterable[types.Tool]:
    for name, call in CALLS.items():
        yield types.Tool(
            name=name,
            description=call.about,
            input_schema={
                "type": "object",
                "properties": dict(call.takes),
                "required": list(call.needs),
                "additionalProperties": False,
            },
            annotations=types.ToolAnnotations(destructive_hint=call.is_destructive),
        )


def _call(request: Request, params: types.CallToolRequestParams) -> types.CallToolResult:
    """What a tool refuses is its result, so that a model reads why; an unknown one too."""
    given = params.arguments or {}
    try:
        found = _find_call(request, params.name)
        if unknown := given.keys() - found.takes.keys():
            return _refuse(f"{params.name} takes no {min(unknown)}.")
        telemetry.capture_client_event(found.feature)
        value = found.act(request, given)
    except DomainError as error:
        return _refuse(error.detail)
    text = orjson.dumps(value, option=orjson.OPT_UTC_Z)
    return types.CallToolResult(
        content=[types.TextContent(text=text.decode())], structured_content=orjson.loads(text)
    )


def _find_call(request: Request, name: str) -> Call:
    if name not in CALLS:
        raise DomainError("There is no such tool.")
    if CALLS[name].scope not in key_of(request).scopes:
        raise Forbidden("This API key does not have the scope that this call needs.")
    return CALLS[name]


def _refuse(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True)
