"""Where a tenant's applications want to be told of what happens to memories."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.ids import make_number
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deliveries import forget_deliveries
from apps.memories.enums import WebhookEvent
from apps.memories.models import Webhook

MOST = 50
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookValues:
    """What is to be set. What is None stays as it is."""

    name: str | None = None
    url: str | None = None
    event_types: Sequence[WebhookEvent] | None = None
    is_active: bool | None = None


def create_webhook(*, tenant_id: UUID, values: WebhookValues, by: Actor) -> Webhook:
    """A webhook with a new secret, which signs what is sent. Refuses another scheme than HTTP."""
    _check_url(values.url)
    with tenant_scope(tenant_id):
        if Webhook.objects.count() >= MOST:
            raise Conflict(f"A project has at most {MOST} webhooks.")
        hook = Webhook(secret=secrets.token_urlsafe(SECRET_BYTES))
        _set(hook, values)
        hook.save()
        events = [WebhookEvent(event) for event in hook.event_types]
        record(Action.WEBHOOK_CREATE, by=by, target_id=hook.id, events=events)
        return hook


def change_webhook(*, tenant_id: UUID, number: int, values: WebhookValues, by: Actor) -> Webhook:
    """NotFound if there is no webhook with this number."""
    _check_url(values.url)
    with tenant_scope(tenant_id):
        hook = _find(number)
        _set(hook, values)
        hook.updated_at = timezone.now()
        hook.save()
        events = [WebhookEvent(event) for event in hook.event_types]
        is_active = hook.is_active
        record(Action.WEBHOOK_CHANGE, by=by, target_id=hook.id, events=events, active=is_active)
        return hook


def delete_webhook(*, tenant_id: UUID, number: int, by: Actor) -> None:
    """NotFound if there is no webhook with this number."""
    with tenant_scope(tenant_id):
        hook = _find(number)
        record(Action.WEBHOOK_DELETE, by=by, target_id=hook.id)
        forget_deliveries(hook.id)
        hook.delete()


def list_webhooks(tenant_id: UUID) -> list[Webhook]:
    """All, open, the oldest first. One statement."""
    with tenant_scope(tenant_id):
        rows = list(Webhook.objects.order_by("created_at", "id"))
        for row in rows:
            _ = row.name, row.url
        return rows


def _find(number: int) -> Webhook:
    rows = Webhook.objects.order_by("id").select_for_update()
    found = next((row for row in rows if make_number(row.id) == number), None)
    if found is None:
        raise NotFound("Webhook not found!")
    return found


def _set(hook: Webhook, values: WebhookValues) -> None:
    for name in ("name", "url", "is_active"):
        if (value := getattr(values, name)) is not None:
            setattr(hook, name, value)
    if values.event_types is not None:
        hook.event_types = list(dict.fromkeys(map(str, values.event_types)))


def _check_url(url: str | None) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise Invalid("url must be an address that begins with https:// or http://.", field="url")
