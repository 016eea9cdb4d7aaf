"""Webhooks and their deliveries as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.urls import reverse

from apps.dashboard.presenters.parts import Choice
from apps.dashboard.presenters.text import counted, short_id
from apps.memories.enums import DeliveryError, DeliveryState, WebhookEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from apps.dashboard.presenters.parts import StateKind
    from apps.memories.models import Delivery, Webhook
    from apps.memories.posting import Answer

STATES: Mapping[str, tuple[StateKind, str]] = {
    DeliveryState.PENDING: ("waiting", "waits"),
    DeliveryState.DELIVERED: ("done", "delivered"),
    DeliveryState.FAILED: ("failed", "given up"),
}


@dataclass(frozen=True, slots=True)
class WebhookRow:
    href: str
    name: str
    host: str
    events: tuple[str, ...]
    state: StateKind
    word: str
    waiting: int
    failed: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    event: str
    about: str
    about_href: str
    state: StateKind
    word: str
    reason: str
    tries: int
    created_at: datetime
    next_at: datetime | None
    retry_href: str


def webhook_row(hook: Webhook, counts: Mapping[str, int]) -> WebhookRow:
    return WebhookRow(
        href=reverse("dashboard:webhook-detail", args=[hook.id]),
        name=str(hook.name),
        host=host_of(hook),
        events=tuple(hook.event_types),
        state="done" if hook.is_active else "off",
        word="on" if hook.is_active else "off",
        waiting=counts.get(DeliveryState.PENDING, 0),
        failed=counts.get(DeliveryState.FAILED, 0),
        created_at=hook.created_at,
    )


def webhook_rows(
    hooks: Sequence[Webhook], counts: Mapping[UUID, Mapping[str, int]]
) -> list[WebhookRow]:
    return [webhook_row(hook, counts.get(hook.id, {})) for hook in hooks]


def host_of(hook: Webhook) -> str:
    """Without what may be secret: name, password, path and query."""
    parts = urlsplit(str(hook.url))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def delivery_row(delivery: Delivery) -> DeliveryRow:
    state, word = STATES[delivery.state]
    is_job = delivery.event.startswith("ingest_job")
    page = "dashboard:job-detail" if is_job else "dashboard:memory-detail"
    is_waiting, has_failed = state == "waiting", state == "failed"
    return DeliveryRow(
        event=delivery.event,
        about=short_id(delivery.about_id),
        about_href=reverse(page, args=[delivery.about_id]),
        state=state,
        word=word,
        reason=explain(delivery.error, delivery.status),
        tries=delivery.tries,
        created_at=delivery.created_at,
        next_at=delivery.next_at if is_waiting else None,
        retry_href=reverse("dashboard:webhook-retry", args=[delivery.webhook_id, delivery.id])
        if has_failed
        else "",
    )


def explain(error: str, status: int | None) -> str:
    if not error:
        return f"status {status}" if status else ""
    label = DeliveryError(error).label
    return f"{label} It answered {status}." if status else label


def say_answer(answer: Answer) -> str:
    if answer.error is None:
        return f"The test was taken with status {answer.status}"
    return f"The test failed. {explain(answer.error, answer.status)}"


def delivery_tabs(hook: Webhook, counts: Mapping[str, int], shown: str) -> list[Choice]:
    href = reverse("dashboard:webhook-detail", args=[hook.id])
    states = [
        Choice(
            STATES[state][1].capitalize(),
            f"{href}?show={state}",
            shown == state,
            counts.get(state, 0),
        )
        for state in DeliveryState.values
    ]
    return [Choice("All", href, not shown, sum(counts.values())), *states]


def say_events(hook: Webhook) -> str:
    return counted(len(hook.event_types), "event") + f" of {len(WebhookEvent)}"
