"""Webhooks of the key's own project. They are managed by keys with the scope `admin`."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of, tenant_of
from apps.api.reading import Values
from apps.api.views.base import ScopedView
from apps.api.views.projects import OwnView
from apps.common.errors import Invalid, NotFound
from apps.common.ids import make_number
from apps.memories.domain.webhooks import (
    WebhookValues,
    change_webhook,
    create_webhook,
    delete_webhook,
    list_webhooks,
)
from apps.memories.enums import WebhookEvent
from apps.memories.models import Webhook
from apps.tenants.enums import ApiScope

LONGEST_NAME, LONGEST_URL = 200, 2_000


class Webhooks(OwnView):
    """/api/v1/webhooks/projects/{project}/: a bare array; the secret is told once."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN, "POST": ApiScope.ADMIN}

    def get(self, request: Request, project_id: str) -> Response:  # noqa: ARG002
        owner = tenant_of(request).name
        rows = list_webhooks(tenant_id_of(request))
        return Response([_present(row, owner) for row in rows])

    def post(self, request: Request, project_id: str) -> Response:  # noqa: ARG002
        body = body_of(request)
        values = _read_values(body)
        for name, value in (
            ("name", values.name),
            ("url", values.url),
            ("event_types", values.event_types),
        ):
            if value is None:
                raise Invalid(f"{name} is required.", field=name)
        hook = create_webhook(tenant_id=tenant_id_of(request), values=values, by=actor_of(request))
        shown = _present(hook, tenant_of(request).name)
        return Response(shown | {"secret": hook.secret}, status=201)


class WebhookDetail(ScopedView):
    """/api/v1/webhooks/{id}/"""

    scopes: ClassVar = {"PUT": ApiScope.ADMIN, "DELETE": ApiScope.ADMIN}
    says_message = True

    def put(self, request: Request, webhook_id: str) -> Response:
        change_webhook(
            tenant_id=tenant_id_of(request),
            number=_read_number(webhook_id),
            values=_read_values(body_of(request)),
            by=actor_of(request),
        )
        return Response({"message": "Webhook updated successfully"})

    def delete(self, request: Request, webhook_id: str) -> Response:
        delete_webhook(
            tenant_id=tenant_id_of(request), number=_read_number(webhook_id), by=actor_of(request)
        )
        return Response({"message": "Webhook deleted successfully"})


def _read_values(body: Values) -> WebhookValues:
    is_active = None
    if body.get("is_active") is not None:
        is_active = reading.read_bool(body, "is_active", default=True)
    return WebhookValues(
        name=reading.read_optional(body, "name", limit=LONGEST_NAME),
        url=reading.read_optional(body, "url", limit=LONGEST_URL),
        event_types=_read_events(body),
        is_active=is_active,
    )


def _read_events(body: Values) -> list[WebhookEvent] | None:
    names = reading.read_list(body, "event_types")
    if names is None:
        return None
    if not names or not all(name in WebhookEvent.values for name in names):
        allowed = ", ".join(WebhookEvent.values)
        raise Invalid(f"event_types must be a list of some of {allowed}.", field="event_types")
    return [WebhookEvent(name) for name in names]


def _read_number(text: str) -> int:
    if not text.isdecimal() or not text.isascii():
        raise NotFound("Webhook not found!")
    return int(text[:20])


def _present(hook: Webhook, owner: str) -> dict[str, Any]:
    return {
        "webhook_id": make_number(hook.id),
        "name": hook.name,
        "url": hook.url,
        "event_types": hook.event_types,
        "owner": owner,
        "is_active": hook.is_active,
        "project": str(hook.tenant_id),
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
    }
