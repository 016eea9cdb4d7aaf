"""/dashboard/memories/<id>/edit/, expire/ and delete/"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.memories.models import Entity, Memory, Version
from apps.memories.queries.memories import get_any_memory
from apps.tenants.enums import Role


@pytest.fixture
def memory_id(store):
    [memory_id] = store.add("I like tea.", metadata={"channel": "chat"})
    return memory_id


def url(memory_id, act):
    return f"/dashboard/memories/{memory_id}/{act}/"


def read(tenant, memory_id):
    with tenant_scope(tenant.id):
        memory = get_any_memory(memory_id)
        return memory.text, memory.metadata, memory.categories, memory.expires_on


def actions(tenant):
    with tenant_scope(tenant.id):
        rows = AuditEvent.objects.filter(actor_kind="operator").order_by("id")
        return [row.action for row in rows if row.action.startswith("memory")]


def test_form_shows_what_is_kept(browser, memory_id, tenant):
    page = browser.get(url(memory_id, "edit")).content.decode()

    assert "I like tea." in page
    assert "&quot;channel&quot;: &quot;chat&quot;" in page
    assert actions(tenant) == [Action.MEMORY_READ]


def test_form_needs_a_recent_sign_in(make_operator, sign_in, memory_id, tenant):
    stale = sign_in(make_operator(), is_recent=False)

    assert stale.get(url(memory_id, "edit")).url.startswith("/accounts/reauthenticate/")
    assert b"I like tea." not in stale.post(url(memory_id, "edit"), {"text": ""}).content
    assert actions(tenant) == []


def test_restricted_is_refused_and_not_offered(browser, memory_id, tenant):
    with tenant_scope(tenant.id):
        Entity.objects.update(restricted_at=timezone.now())

    answer = browser.get(url(memory_id, "edit"))

    assert answer.status_code == 403
    assert "This memory is restricted on the request of the person" in answer.content.decode()
    assert "Change…" not in browser.get(f"/dashboard/memories/{memory_id}/").content.decode()


def test_change_makes_a_version(browser, memory_id, tenant):
    form = {
        "text": "I like coffee.",
        "categories": "drinks, , drinks",
        "metadata": '{"channel": "mail"}',
        "expires_on": "2030-01-31",
    }

    answer = browser.post(url(memory_id, "edit"), form)

    assert answer.url == f"/dashboard/memories/{memory_id}/"
    text, metadata, categories, expires_on = read(tenant, memory_id)
    assert (text, metadata, categories) == ("I like coffee.", {"channel": "mail"}, ["drinks"])
    assert str(expires_on) == "2030-01-31"
    with tenant_scope(tenant.id):
        assert Version.objects.filter(memory=memory_id).count() == 2
    assert actions(tenant) == [Action.MEMORY_UPDATE]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("text", "", "Write the text, or delete the memory"),
        ("metadata", "channel=chat", "Write a JSON object such as"),
        ("metadata", "[1]", "Write a JSON object such as"),
        ("expires_on", "soon", "Last day: choose a date such as 2026-11-21"),
    ],
)
def test_wrong_input_changes_nothing(browser, memory_id, tenant, field, value, error):
    before = read(tenant, memory_id)
    form = {"text": "I like coffee.", "metadata": "{}", field: value}

    page = browser.post(url(memory_id, "edit"), form).content.decode()

    assert error in page
    assert read(tenant, memory_id) == before


def test_what_the_domain_refuses_is_said_at_the_field(browser, store, memory_id):
    store.add("I drink coffee.")

    page = browser.post(url(memory_id, "edit"), {"text": "I drink coffee."}).content.decode()

    assert "The same entities already hold this text" in page


def test_expired_is_found_no_more(browser, memory_id, tenant):
    assert "Let this memory expire?" in browser.get(url(memory_id, "expire")).content.decode()
    assert read(tenant, memory_id)[3] is None

    browser.post(url(memory_id, "expire"))

    assert read(tenant, memory_id)[3] == timezone.now().date() - timedelta(days=1)
    assert browser.get("/dashboard/memories/").context["listing"].rows == ()


def test_delete_asks_first(browser, memory_id, tenant):
    assert "This cannot be undone." in browser.get(url(memory_id, "delete")).content.decode()
    assert read(tenant, memory_id)[0] == "I like tea."

    answer = browser.post(url(memory_id, "delete"))

    assert answer.url == f"/dashboard/memories/{memory_id}/"
    with tenant_scope(tenant.id):
        assert Memory.objects.get(id=memory_id).deleted_at is not None
    assert actions(tenant) == [Action.MEMORY_DELETE]


def test_delete_needs_a_recent_sign_in(make_operator, sign_in, memory_id, tenant):
    browser = sign_in(make_operator(), is_recent=False)

    answer = browser.post(url(memory_id, "delete"))

    assert answer.url.startswith("/accounts/reauthenticate/")
    assert read(tenant, memory_id)[0] == "I like tea."


@pytest.mark.parametrize("act", ["edit", "expire", "delete"])
def test_viewer_is_refused(make_operator, sign_in, memory_id, act):
    browser = sign_in(make_operator(role=Role.VIEWER))

    assert browser.post(url(memory_id, act)).status_code == 403
    page = browser.get(f"/dashboard/memories/{memory_id}/").content.decode()
    assert "Change…" not in page
    assert "Delete…" not in page


@pytest.mark.parametrize("act", ["edit", "expire", "delete"])
def test_unknown_and_foreign_are_not_found(browser, other_store, act):
    [foreign] = other_store.add("Their secret.")

    answers = [browser.post(url(each, act), {"text": "x"}) for each in (foreign, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_deleted_offers_nothing(browser, store, memory_id):
    store.delete(memory_id)

    page = browser.get(f"/dashboard/memories/{memory_id}/").content.decode()

    assert "Delete…" not in page
    assert browser.get(url(memory_id, "delete")).status_code == 404


def test_chain_and_who_looked(browser, store, memory_id, tenant):
    [newer] = store.add("I like coffee.")
    with tenant_scope(tenant.id):
        Memory.objects.filter(id=memory_id).update(replaced_by=newer)
    browser.post(f"/dashboard/memories/{memory_id}/reveal/")

    old = browser.get(f"/dashboard/memories/{memory_id}/")
    new = browser.get(f"/dashboard/memories/{newer}/")

    assert old.context["memory"].state_words == "superseded"
    assert [link.href for link in old.context["provenance"].later] == [
        f"/dashboard/memories/{newer}/"
    ]
    assert [link.href for link in new.context["provenance"].earlier] == [
        f"/dashboard/memories/{memory_id}/"
    ]
    assert b"I like" not in old.content + new.content
    assert [line.sentence for line in old.context["provenance"].looks] == ["opened memory"]
