"""Exports of memories by a schema of the application's."""

from typing import Any, ClassVar
from uuid import UUID

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.narrowing import ENTITY_FIELDS
from apps.api.reading import Values
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid, NotFound
from apps.memories.domain.exports import Wish, read_export, request_export
from apps.tenants.enums import ApiScope

LONGEST_SCHEMA = 100_000
NO_FILTER = "One of the filters: app_id, user_id, agent_id, run_id is required!"


class Exports(ScopedView):
    """POST /v1/exports/: keeps what is wanted; it is filled when it is read."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    says_message = True

    def post(self, request: Request) -> Response:
        body = body_of(request)
        wish = Wish(
            schema=_read_schema(body),
            filters=_read_filters(body),
            instructions=reading.read_optional(body, "export_instructions"),
        )
        export_id = request_export(tenant_id=tenant_id_of(request), wish=wish, by=actor_of(request))
        message = "Memory export request received. The export is ready."
        return Response({"message": message, "id": export_id}, status=201)


class ExportRead(ScopedView):
    """POST /v1/exports/get/: by its id, or the newest with these filters."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    says_message = True

    def post(self, request: Request) -> Response:
        body = body_of(request)
        export_id = body.get("memory_export_id")
        filled = read_export(
            tenant_id=tenant_id_of(request),
            export_id=_read_id(export_id) if export_id is not None else None,
            filters=_read_filters(body) if export_id is None else None,
            by=actor_of(request),
        )
        return Response(filled)


def _read_schema(body: Values) -> dict[str, Any]:
    """An object, or one as text."""
    schema = body.get("schema")
    if isinstance(schema, str):
        try:
            schema = orjson.loads(schema)
        except ValueError:
            schema = None
    if not isinstance(schema, dict):
        raise Invalid("schema must be a JSON Schema, as an object or as text.", field="schema")
    try:
        size = len(orjson.dumps(schema))
    except (TypeError, ValueError):
        size = LONGEST_SCHEMA + 1
    if size > LONGEST_SCHEMA:
        raise Invalid(f"schema must have at most {LONGEST_SCHEMA} bytes as JSON.", field="schema")
    return schema


def _read_filters(body: Values) -> dict[str, Any]:
    """`filters`, or entity ids at the top as older clients have them."""
    flat = {name: body[name] for name in ENTITY_FIELDS if body.get(name) is not None}
    filters = body.get("filters") or flat
    if not isinstance(filters, dict) or not filters:
        raise Invalid(NO_FILTER, field="filters")
    reading.read_object({"filters": filters}, "filters")
    return filters


def _read_id(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise NotFound("No memory export request found") from None
