"""/dashboard/entities/<id>/<tab>/: what is held besides memories"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.jobs import accept_job
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import RequestKind, Via
from apps.tenants.enums import Role

TABS = ("deleted", "messages", "jobs", "requests", "recipients", "looked", "keys")


@pytest.fixture
def send(tenant, store):
    """What an application sends to be worked on later."""

    def accept(*texts):
        new = NewMemories(
            messages=[NewMessage(text) for text in texts],
            entity_ids={EntityKind.USER: "ada"},
            created_at=timezone.now(),
        )
        return accept_job(tenant_id=tenant.id, new=new, by=store.by)

    return accept


@pytest.fixture
def href(tenant, store):
    store.add("I like tea.")
    with tenant_scope(tenant.id):
        [entity] = find_entities([("user", "ada")]).values()
    return f"/dashboard/entities/{entity.id}/"


@pytest.mark.parametrize("tab", TABS)
def test_empty_tab(browser, href, tab):
    answer = browser.get(f"{href}{tab}/")

    assert answer.status_code == 200
    assert b"tea" not in answer.content


def test_tabs_are_those_that_the_role_may_open(make_operator, sign_in, href):
    viewer = sign_in(make_operator(role=Role.VIEWER))

    tabs = viewer.get(href).context["head"].tabs

    assert [tab.label for tab in tabs] == ["Memories", "Deleted", "Messages", "Jobs", "Keys"]
    assert viewer.get(f"{href}looked/").status_code == 403


def test_deleted_memories_leave_ids_and_times(browser, store, href):
    [memory_id] = store.add("I have a dog.")
    store.change(memory_id, "I have two dogs.")
    store.delete(memory_id)

    answer = browser.get(f"{href}deleted/")

    assert [(row.href, row.versions) for row in answer.context["rows"]] == [
        (f"/dashboard/memories/{memory_id}/", 3)
    ]
    assert b"dog" not in answer.content


def test_messages_are_hidden_until_revealed(browser, href, send):
    send("I moved to Oslo.", "I like snow.")

    hidden = browser.get(f"{href}messages/")
    shown = browser.post(hidden.context["reveal_href"])

    assert b"Oslo" not in hidden.content
    assert {row.text.words for row in shown.context["rows"]} == {"I moved to Oslo.", "I like snow."}
    looks = browser.get(f"{href}looked/").context["rows"]
    assert [row.sentence for row in looks] == ["read 2 memories"]


def test_jobs(browser, href, send):
    send("I moved to Oslo.")

    [row] = browser.get(f"{href}jobs/").context["rows"]

    assert (row.words, row.done, row.total) == ("PENDING", 0, 1)


def test_requests(browser, href, tenant):
    new = NewRequest(RequestKind.ACCESS, EntityKind.USER, "ada", via=Via.OPERATOR)
    open_request(tenant_id=tenant.id, new=new, by=SYSTEM)

    [row] = browser.get(f"{href}requests/").context["rows"]

    assert (row.kind, row.words) == ("Access", "received")


def test_who_looked_names_people_and_applications(browser, href):
    browser.post(f"{href}reveal/")

    [row] = browser.get(f"{href}looked/").context["rows"]

    assert (row.actor, row.sentence) == ("ines.moreau", "read 1 memory")


def test_who_looked_at_what_is_there_and_what_is_gone(browser, href, store):
    [kept], [gone] = store.add("I like milk."), store.add("I like rum.")
    [others] = store.add("I like water.", user_id="bob")
    for memory_id in (kept, gone, others):
        browser.post(f"/dashboard/memories/{memory_id}/reveal/")
    store.delete(gone)

    rows = browser.get(f"{href}looked/").context["rows"]

    with tenant_scope(store.tenant.id):
        looks = AuditEvent.objects.filter(action=Action.MEMORY_READ).order_by("-id")
        assert [look.target_id for look in looks] == [others, gone, kept]
        assert [row.href for row in rows] == [f"/dashboard/audit/{one.id}/" for one in looks[1:]]


def test_key(browser, href):
    key = browser.get(f"{href}keys/").context["key"]

    assert (key.state, key.words) == ("done", "present, wrapped under the tenant's key")


def test_pages_of_a_tab(browser, store, href, monkeypatch):
    monkeypatch.setattr("apps.dashboard.queries.holdings.PAGE_SIZE", 2)
    for memory_id in store.add("One.", "Two.", "Three."):
        store.delete(memory_id)

    first = browser.get(f"{href}deleted/")
    second = browser.get(first.context["turn"].older)
    back = browser.get(second.context["turn"].newer)

    assert [len(page.context["rows"]) for page in (first, second, back)] == [2, 1, 2]
    assert second.context["turn"].older == ""
    assert back.context["rows"] == first.context["rows"]


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, store, href, send, count):
    for number in range(count):
        send(f"Message {number}.")
        [memory_id] = store.add(f"Statement {number}.")
        store.delete(memory_id)
        browser.post(f"{href}reveal/")
    browser.get(href)

    done = {}
    for tab in TABS:
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"{href}{tab}/")
        done[tab] = len(queries)
    assert done == STATEMENTS


STATEMENTS = {
    "deleted": 17,
    "messages": 18,
    "jobs": 17,
    "requests": 16,
    "recipients": 18,
    "looked": 19,
    "keys": 17,
}
