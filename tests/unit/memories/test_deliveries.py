"""Webhooks are told of what has happened: in the change's own transaction, once, and signed."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.errors import Conflict, NotFound
from apps.common.ids import make_number, uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.domain import deliveries, memories, queue
from apps.memories.domain.batches import Change, delete_batch, update_memories
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.deliveries import PAUSES, deliver, retry_delivery, try_webhook
from apps.memories.domain.flags import set_flag
from apps.memories.domain.memories import update_memory
from apps.memories.domain.webhooks import (
    WebhookValues,
    change_webhook,
    create_webhook,
    delete_webhook,
)
from apps.memories.enums import DeliveryError, DueWork, EntityFlag, WebhookEvent
from apps.memories.models import Delivery, JobDue, Memory
from apps.memories.posting import Answer
from tests.support import hooks, jobs
from tests.support.kernel import add, dump_rows

JOBS = (WebhookEvent.JOB_COMPLETED, WebhookEvent.JOB_FAILED, WebhookEvent.JOB_CANCELLED)


@pytest.fixture(autouse=True)
def receiver(settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with hooks.receiving() as receiver:
        yield receiver


@pytest.fixture
def hook(tenant, receiver):
    return make_hook(tenant, receiver, *WebhookEvent)


@pytest.fixture
def clock():
    with jobs.stopped_clock() as clock:
        yield clock


def make_hook(tenant, receiver, *events):
    values = WebhookValues(name="ours", url=receiver.url, event_types=events, is_active=True)
    return create_webhook(tenant_id=tenant.id, values=values, by=SYSTEM)


def waiting(tenant):
    """Ids of what is to be sent, the oldest first."""
    with tenant_scope(tenant.id):
        return list(Delivery.objects.order_by("id").values_list("id", flat=True))


def send_all(tenant):
    for delivery_id in waiting(tenant):
        deliver(tenant_id=tenant.id, delivery_id=delivery_id)


def read(tenant):
    with tenant_scope(tenant.id):
        return [
            (row.state, row.error, row.status, row.tries) for row in Delivery.objects.order_by("id")
        ]


def listed():
    return set(JobDue.objects.filter(work=DueWork.DELIVERY).values_list("item_id", flat=True))


def test_added_memory_is_told(tenant, hook, receiver):
    [memory_id] = add(tenant, "I drink tea.")

    send_all(tenant)

    assert receiver.told == [
        {"id": str(memory_id), "data": {"memory": "I drink tea."}, "event": "ADD"}
    ]
    assert read(tenant) == [("delivered", "", 204, 1)]
    assert listed() == set()


def test_signature_is_of_time_and_body(tenant, hook, receiver, clock):
    add(tenant, "I drink tea.")
    [delivery_id] = waiting(tenant)

    send_all(tenant)

    [(_, headers, body)] = receiver.got
    now = str(int(timezone.now().timestamp()))
    expected = hmac.new(hook.secret.encode(), f"{now}.".encode() + body, hashlib.sha256)
    assert headers["MemoryHub-Signature"] == f"t={now},v1={expected.hexdigest()}"
    assert headers["MemoryHub-Delivery"] == str(delivery_id)


def test_change_and_delete_are_told(tenant, hook, receiver):
    [one, two] = add(tenant, "I drink tea.", "I sing.")
    send_all(tenant)
    receiver.got.clear()

    update_memory(tenant_id=tenant.id, memory_id=one, text="I drink coffee.", by=SYSTEM)
    update_memories(tenant_id=tenant.id, changes=[Change(two, text="I swim.")], by=SYSTEM)
    send_all(tenant)
    delete_memory(tenant_id=tenant.id, memory_id=one, by=SYSTEM)
    delete_batch(tenant_id=tenant.id, memory_ids=[two], by=SYSTEM)
    send_all(tenant)

    assert receiver.told == [
        {"id": str(one), "data": {"memory": "I drink coffee."}, "event": "UPDATE"},
        {"id": str(two), "data": {"memory": "I swim."}, "event": "UPDATE"},
        {"id": str(one), "data": {"memory": None}, "event": "DELETE"},
        {"id": str(two), "data": {"memory": None}, "event": "DELETE"},
    ]


def test_each_version_is_told_as_it_was(tenant, hook, receiver):
    [memory_id] = add(tenant, "I drink tea.")
    update_memory(tenant_id=tenant.id, memory_id=memory_id, text="I drink coffee.", by=SYSTEM)

    send_all(tenant)

    assert [one["data"]["memory"] for one in receiver.told] == ["I drink tea.", "I drink coffee."]


def test_text_that_is_gone_or_restricted_by_then_is_not_told(tenant, hook, receiver):
    [gone] = add(tenant, "I drink tea.")
    [hidden] = add(tenant, "I sing.", user="rob")
    delete_memory(tenant_id=tenant.id, memory_id=gone, by=SYSTEM)
    with tenant_scope(tenant.id):
        owner_id = Memory.objects.get(id=hidden).key_owner_id
        set_flag(entity_id=owner_id, flag=EntityFlag.RESTRICTED, by=SYSTEM)

    send_all(tenant)

    assert [(one["event"], one["data"]["memory"]) for one in receiver.told] == [
        ("ADD", None), ("ADD", None), ("DELETE", None),
    ]  # fmt: skip


def test_only_what_a_webhook_asked_for_is_told(tenant, other_tenant, receiver):
    make_hook(tenant, receiver, WebhookEvent.MEMORY_UPDATE)
    make_hook(other_tenant, receiver, *WebhookEvent)
    off = make_hook(tenant, receiver, WebhookEvent.MEMORY_ADD)
    values = WebhookValues(is_active=False)
    change_webhook(tenant_id=tenant.id, number=make_number(off.id), values=values, by=SYSTEM)

    add(tenant, "I drink tea.")

    assert waiting(tenant) == waiting(other_tenant) == []


def test_change_that_is_undone_is_not_told(tenant, hook, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(memories, "record", fail)  # the last step of an add
    with pytest.raises(RuntimeError):
        add(tenant, "I drink tea.")

    assert (waiting(tenant), listed()) == ([], set())


def test_jobs_are_told(tenant, receiver, settings):
    make_hook(tenant, receiver, *JOBS, WebhookEvent.MEMORY_CATEGORIZE)
    with jobs.extractor(settings):
        done = jobs.infer(tenant, "I drink tea.")
        send_all(tenant)

    assert receiver.told == [
        *[one for one in receiver.told if one["event"] == "CATEGORIZE"],
        {
            "id": str(done.id),
            "data": {"status": "SUCCEEDED", "messages": 1, "done": 1},
            "event": "INGEST_JOB_COMPLETED",
        },
    ]


def test_nothing_readable_waits(tenant, hook):
    add(tenant, "I drink tea.", user="zanzibar")

    [row] = dump_rows(tenant.id)["memories.Delivery"]
    assert "tea" not in str(row)
    assert "zanzibar" not in str(row)


def test_failure_is_tried_again_and_given_up(tenant, hook, receiver, clock):
    add(tenant, "I drink tea.")
    receiver.script = [500] * (len(PAUSES) + 1)

    for pause in PAUSES:
        send_all(tenant)
        send_all(tenant)  # too early: nothing is sent
        assert read(tenant)[0][:3] == ("pending", DeliveryError.REFUSED, 500)
        clock.pass_seconds(pause)
    send_all(tenant)

    assert read(tenant) == [("failed", DeliveryError.REFUSED, 500, len(PAUSES) + 1)]
    assert len(receiver.got) == len(PAUSES) + 1
    assert listed() == set()


def test_host_that_fails_is_not_asked_for_each_of_its_deliveries(tenant, hook, receiver, clock):
    add(tenant, "I drink tea.", "I sing.", "I swim.")
    receiver.script = [500]

    send_all(tenant)

    assert len(receiver.got) == 1
    clock.pass_seconds(PAUSES[0])
    send_all(tenant)
    assert len(receiver.got) == 4
    assert {state for state, *_ in read(tenant)} == {"delivered"}


def test_delivery_of_a_dead_worker_is_sent_again(tenant, hook, receiver, clock, monkeypatch):
    add(tenant, "I drink tea.")
    [delivery_id] = waiting(tenant)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(deliveries.posting, "post", die)
        send_all(tenant)
    sent = []
    monkeypatch.setattr(queue, "send_delivery", lambda *ids: sent.append(ids) or True)
    assert clock.sweep(monkeypatch) == sent == []
    clock.pass_seconds(61)
    clock.sweep(monkeypatch)

    assert sent == [(tenant.id, delivery_id)]
    send_all(tenant)
    assert read(tenant) == [("delivered", "", 204, 2)]


def test_answer_that_comes_too_late_changes_nothing(tenant, hook, receiver, clock, monkeypatch):
    """Another worker has it by then."""
    add(tenant, "I drink tea.")

    def post(*_):
        with tenant_scope(tenant.id):
            Delivery.objects.update(tries=2)
        return Answer(None, 200)

    monkeypatch.setattr(deliveries.posting, "post", post)
    send_all(tenant)

    assert read(tenant) == [("pending", "", None, 2)]


def test_given_up_one_is_retried(tenant, hook, receiver, clock):
    add(tenant, "I drink tea.")
    [delivery_id] = waiting(tenant)
    with pytest.raises(Conflict):
        retry_delivery(tenant_id=tenant.id, delivery_id=delivery_id, by=SYSTEM)
    with tenant_scope(tenant.id):
        Delivery.objects.update(state="failed", ended_at=timezone.now(), tries=8)

    retry_delivery(tenant_id=tenant.id, delivery_id=delivery_id, by=SYSTEM)
    assert listed() == {delivery_id}
    send_all(tenant)

    assert read(tenant) == [("delivered", "", 204, 1)]
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="webhook.retry").count() == 1
    with pytest.raises(NotFound):
        retry_delivery(tenant_id=tenant.id, delivery_id=uuid7(), by=SYSTEM)


def test_webhook_takes_its_deliveries_with_it(tenant, hook):
    add(tenant, "I drink tea.")

    delete_webhook(tenant_id=tenant.id, number=make_number(hook.id), by=SYSTEM)

    assert (waiting(tenant), listed()) == ([], set())


def test_what_ended_long_ago_goes_with_the_next(tenant, hook, receiver):
    add(tenant, "I drink tea.")
    send_all(tenant)
    with tenant_scope(tenant.id):
        Delivery.objects.update(ended_at=timezone.now() - timedelta(days=31))
    add(tenant, "I sing.")

    send_all(tenant)

    assert len(waiting(tenant)) == 1


def test_webhook_is_tried(tenant, hook, receiver):
    receiver.script = [204, 500]

    answers = [try_webhook(tenant_id=tenant.id, webhook_id=hook.id, by=SYSTEM) for _ in range(2)]

    assert answers == [Answer(None, 204), Answer(DeliveryError.REFUSED, 500)]
    assert [json.loads(body) for _, _, body in receiver.got] == [
        {"event_details": {"event": "TEST"}}
    ] * 2
    assert waiting(tenant) == []
