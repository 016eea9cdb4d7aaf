"""Telling webhooks, once the change is committed: signed, tried again, given up in the end."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.memories import posting
from apps.memories.domain.queue import put_off, take_off
from apps.memories.enums import (
    DeliveryError,
    DeliveryState,
    DueWork,
    EntityFlag,
    VersionEvent,
    WebhookEvent,
)
from apps.memories.flags import is_flagged
from apps.memories.models import Delivery, Job, JobDue, Memory, Version, Webhook
from apps.telemetry.outbound import calling_for

LEASE = timedelta(seconds=60)  # longer than a try takes
PAUSES = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)  # seconds between tries: 21 hours in all
KEPT = timedelta(days=30)  # after its end
TEST = orjson.dumps({"event_details": {"event": "TEST"}})
SIGNATURE, DELIVERY_ID = "MemoryHub-Signature", "MemoryHub-Delivery"
WORDS = {
    WebhookEvent.MEMORY_ADD: VersionEvent.ADD,
    WebhookEvent.MEMORY_UPDATE: VersionEvent.UPDATE,
    WebhookEvent.MEMORY_DELETE: VersionEvent.DELETE,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that this worker is to send, open."""

    delivery: Delivery
    url: str
    secret: str
    body: bytes


def deliver(*, tenant_id: UUID, delivery_id: UUID) -> None:
    """Send it, unless another worker does or it has to wait. What came of it stands in the row."""
    letter = _take(tenant_id, delivery_id)
    if letter is None:
        return
    with calling_for(tenant_id):
        answer = posting.post(letter.url, letter.body, sign(letter, timezone.now()))
    with tenant_scope(tenant_id):
        held = Delivery.objects.filter(id=delivery_id, tries=letter.delivery.tries, ended_at=None)
        delivery = held.select_for_update().first()
        if delivery is not None:
            _note(delivery, answer)


def sign(letter: Letter, now: datetime) -> dict[str, str]:
    """The receiver makes the same HMAC of time, point and body, and sees that the time is near."""
    seconds = str(int(now.timestamp()))
    signed = hmac.new(letter.secret.encode(), f"{seconds}.".encode() + letter.body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        SIGNATURE: f"t={seconds},v1={signed.hexdigest()}",
        DELIVERY_ID: str(letter.delivery.id),
    }


def try_webhook(*, tenant_id: UUID, webhook_id: UUID, by: Actor) -> posting.Answer:
    """Send an event TEST at once and answer what came of it. NotFound without such a webhook."""
    with tenant_scope(tenant_id):
        hook = Webhook.objects.filter(id=webhook_id).first()
        if hook is None:
            raise NotFound("Webhook not found!")
        record(Action.WEBHOOK_TEST, by=by, target_id=hook.id)
        letter = Letter(Delivery(), str(hook.url), str(hook.secret), TEST)
    with calling_for(tenant_id):
        return posting.post(letter.url, letter.body, sign(letter, timezone.now()))


def retry_delivery(*, tenant_id: UUID, delivery_id: UUID, by: Actor) -> None:
    """Let one that was given up go on. Conflict where it was not."""
    with tenant_scope(tenant_id):
        delivery = Delivery.objects.select_for_update().filter(id=delivery_id).first()
        if delivery is None:
            raise NotFound("Delivery not found!")
        if delivery.state != DeliveryState.FAILED:
            raise Conflict("Only a delivery that was given up can be retried.")
        delivery.state, delivery.error, delivery.status = DeliveryState.PENDING, "", None
        delivery.tries, delivery.ended_at, delivery.next_at = 0, None, timezone.now()
        delivery.save()
        _put_on_list(delivery)
        record(Action.WEBHOOK_RETRY, by=by, target_id=delivery.webhook_id)


def forget_deliveries(webhook_id: UUID) -> None:
    """With their webhook, in its scope."""
    rows = Delivery.objects.filter(webhook=webhook_id)
    take_off(rows.values_list("id", flat=True))
    rows.delete()


def _take(tenant_id: UUID, delivery_id: UUID) -> Letter | None:
    with tenant_scope(tenant_id):
        now = timezone.now()
        rows = Delivery.objects.filter(id=delivery_id, ended_at=None)
        delivery = rows.select_for_update().first()
        if delivery is None:  # ended, or gone with the person that it was about
            take_off([delivery_id])
            return None
        if delivery.next_at > now:
            put_off([delivery_id], delivery.next_at)
            return None
        hook = Webhook.objects.get(id=delivery.webhook_id)
        if not hook.is_active:
            _end(delivery, DeliveryState.FAILED, DeliveryError.SWITCHED_OFF)
            return None
        if delivery.tries > len(PAUSES):
            _end(delivery, DeliveryState.FAILED, DeliveryError.WORKER_LOST)
            return None
        delivery.tries += 1
        _wait(delivery, now + LEASE)
        body = orjson.dumps({"event_details": _describe(delivery)})
        return Letter(delivery, str(hook.url), str(hook.secret), body)


def _describe(delivery: Delivery) -> dict[str, Any]:
    """As mem0's. A text that may not be read any more is null."""
    event, about_id = WebhookEvent(delivery.event), str(delivery.about_id)
    if event in WORDS:
        text = _read_text(delivery)
        return {"id": about_id, "data": {"memory": text}, "event": WORDS[event].value}
    if event == WebhookEvent.MEMORY_CATEGORIZE:
        memory = _read_memory(delivery)
        categories = (memory.categories or []) if memory else []
        return {"event": "CATEGORIZE", "memory_id": about_id, "categories": categories}
    job = Job.objects.filter(id=delivery.about_id).first()
    data = {"status": job.state, "messages": job.total, "done": job.done} if job else {}
    return {"id": about_id, "data": data, "event": event.upper()}


def _read_text(delivery: Delivery) -> str | None:
    if delivery.number is None or _read_memory(delivery) is None:
        return None
    versions = Version.objects.filter(memory=delivery.about_id, number=delivery.number)
    return next((version.text for version in with_keys(versions)), None)


def _read_memory(delivery: Delivery) -> Memory | None:
    """Open; None where it is deleted or restricted."""
    rows = Memory.objects.live().filter(id=delivery.about_id)
    return next(iter(with_keys(rows.exclude(is_flagged(EntityFlag.RESTRICTED)))), None)


def _note(delivery: Delivery, answer: posting.Answer) -> None:
    delivery.status = answer.status
    if answer.error is None:
        _end(delivery, DeliveryState.DELIVERED, None)
    elif delivery.tries > len(PAUSES):
        _end(delivery, DeliveryState.FAILED, answer.error)
    else:
        delivery.error = answer.error
        until = timezone.now() + timedelta(seconds=PAUSES[delivery.tries - 1])
        _wait(delivery, until)
        _let_others_wait(delivery, until)


def _let_others_wait(delivery: Delivery, until: datetime) -> None:
    """A host that is away is not asked for each of its deliveries: they would fill the workers."""
    others = Delivery.objects.filter(
        webhook=delivery.webhook_id, ended_at=None, tries=0, next_at__lt=until
    )
    held = others.order_by("id").select_for_update(skip_locked=True)
    ids = list(held.values_list("id", flat=True))
    Delivery.objects.filter(id__in=ids).update(next_at=until)
    put_off(ids, until)


def _wait(delivery: Delivery, until: datetime) -> None:
    delivery.next_at = until
    delivery.save()
    put_off([delivery.id], until)


def _end(delivery: Delivery, state: DeliveryState, error: DeliveryError | None) -> None:
    """And let go of what ended long ago."""
    now = timezone.now()
    delivery.state, delivery.error, delivery.ended_at = state, error or "", now
    delivery.save()
    take_off([delivery.id])
    Delivery.objects.filter(webhook=delivery.webhook_id, ended_at__lt=now - KEPT).delete()


def _put_on_list(delivery: Delivery) -> None:
    JobDue.objects.update_or_create(
        item_id=delivery.id,
        defaults={
            "work": DueWork.DELIVERY,
            "tenant_id": delivery.tenant_id,
            "due_at": delivery.next_at,
        },
    )
