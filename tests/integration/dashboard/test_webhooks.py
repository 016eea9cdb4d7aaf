"""/dashboard/webhooks/: the room, one webhook, and what is done with it"""

import re

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deliveries import deliver
from apps.memories.domain.webhooks import WebhookValues, create_webhook
from apps.memories.enums import WebhookEvent
from apps.memories.models import Delivery, Webhook
from apps.tenants.enums import Role
from tests.support import hooks

ROOM = "/dashboard/webhooks/"
FORM = {
    "name": "Booking app",
    "url": "https://user:word@hook.example/path?token=s3cret",
    "event_types": ["memory_add", "ingest_job_failed"],
    "state": "on",
}


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with hooks.receiving() as receiver:
        yield receiver


@pytest.fixture
def hook(tenant, receiver):
    values = WebhookValues("Booking app", receiver.url, [WebhookEvent.MEMORY_ADD], is_active=True)
    return create_webhook(tenant_id=tenant.id, values=values, by=SYSTEM)


def page(browser, address=ROOM):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def read_hooks(tenant):
    with tenant_scope(tenant.id):
        return [
            (row.name, row.url, row.event_types, row.is_active) for row in Webhook.objects.all()
        ]


def actions(tenant):
    with tenant_scope(tenant.id):
        found = AuditEvent.objects.filter(action__startswith="webhook.").order_by("id")
        return list(found.values_list("action", flat=True))


def send_all(tenant):
    with tenant_scope(tenant.id):
        ids = list(Delivery.objects.values_list("id", flat=True))
    for delivery_id in ids:
        deliver(tenant_id=tenant.id, delivery_id=delivery_id)


def test_empty_room_says_what_to_do(browser):
    assert f'href="{ROOM}create/"' in page(browser)


def test_webhook_is_made_and_its_secret_shown_once(browser, tenant):
    made = browser.post(f"{ROOM}create/", FORM).content.decode()

    with tenant_scope(tenant.id):
        secret = Webhook.objects.get().secret
        hook_id = Webhook.objects.get().id
    assert secret in made
    assert read_hooks(tenant) == [
        ("Booking app", FORM["url"], ["memory_add", "ingest_job_failed"], True)
    ]
    assert actions(tenant) == ["webhook.create"]
    for address in (ROOM, f"{ROOM}{hook_id}/", f"{ROOM}{hook_id}/change/"):
        assert secret not in page(browser, address)


def test_address_is_shown_whole_only_to_who_may_change_it(browser, tenant, make_operator, sign_in):
    browser.post(f"{ROOM}create/", FORM)
    officer = sign_in(make_operator("pia@halden.example", role=Role.PRIVACY_OFFICER))
    with tenant_scope(tenant.id):
        address = f"{ROOM}{Webhook.objects.get().id}/"

    for shown in (page(officer), page(officer, address)):
        assert "https://hook.example" in shown
        assert re.findall("s3cret|word@|/path", shown) == []
    assert officer.get(f"{address}change/").status_code == 403
    assert "s3cret" in page(browser, f"{address}change/")


def test_wrong_input_is_said_at_the_field(browser, tenant):
    wrong = browser.post(f"{ROOM}create/", FORM | {"url": "ftp://hook.example"}).content.decode()

    assert "begins with https:// or http://" in wrong
    assert read_hooks(tenant) == []


def test_webhook_is_changed(browser, tenant, hook):
    browser.post(f"{ROOM}{hook.id}/change/", FORM | {"state": "off"})

    assert read_hooks(tenant) == [
        ("Booking app", FORM["url"], ["memory_add", "ingest_job_failed"], False)
    ]
    assert actions(tenant) == ["webhook.create", "webhook.change"]


def test_webhook_is_deleted_after_a_question(browser, tenant, hook):
    assert "Delete the webhook Booking app?" in page(browser, f"{ROOM}{hook.id}/delete/")
    assert len(read_hooks(tenant)) == 1

    browser.post(f"{ROOM}{hook.id}/delete/")

    assert read_hooks(tenant) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [(204, "The test was taken with status 204"), (500, "It answered 500.")],
)
def test_webhook_is_tested(browser, tenant, hook, receiver, status, said):
    receiver.script = [status]

    answer = browser.post(f"{ROOM}{hook.id}/test/", follow=True)

    assert said in answer.content.decode()
    assert receiver.told == [{"event": "TEST"}]
    assert actions(tenant) == ["webhook.create", "webhook.test"]


def test_deliveries_are_shown_and_filtered(browser, tenant, hook, receiver, store):
    receiver.script = [500]
    store.add("I drink tea.")
    send_all(tenant)
    store.add("I sing.")

    shown = page(browser, f"{ROOM}{hook.id}/")

    assert shown.count("memory_add") == 2
    assert "It answered 500." in shown
    assert "I drink tea." not in shown
    assert "No delivery" in page(browser, f"{ROOM}{hook.id}/?show=failed")


def test_given_up_delivery_is_sent_again(browser, tenant, hook, receiver, store):
    store.add("I drink tea.")
    with tenant_scope(tenant.id):
        Delivery.objects.update(state="failed", ended_at=timezone.now(), error="refused", tries=8)
        delivery_id = Delivery.objects.get().id
    retry = f"{ROOM}{hook.id}/deliveries/{delivery_id}/retry/"
    assert retry in page(browser, f"{ROOM}{hook.id}/")

    browser.post(retry)
    send_all(tenant)

    assert [one["event"] for one in receiver.told] == ["ADD"]
    assert retry not in page(browser, f"{ROOM}{hook.id}/")


def test_other_tenants_webhook_is_not_found(browser, other_tenant):
    values = WebhookValues("theirs", "https://hook.example/", [WebhookEvent.MEMORY_ADD], True)
    theirs = create_webhook(tenant_id=other_tenant.id, values=values, by=SYSTEM)

    for part in ("", "change/", "delete/"):
        assert browser.get(f"{ROOM}{theirs.id}/{part}").status_code == 404
    assert browser.post(f"{ROOM}{theirs.id}/test/").status_code == 404
    assert page(browser).count("theirs") == 0
