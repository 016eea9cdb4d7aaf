"""Text is hidden until it is revealed, by who may, after a recent sign-in; that leaves an event."""

import pytest

from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import find_entities
from apps.tenants.enums import Role


@pytest.fixture
def entity_href(tenant, store):
    def find(external_id="ada"):
        with tenant_scope(tenant.id):
            [entity] = find_entities([("user", external_id)]).values()
        return f"/dashboard/entities/{entity.id}/"

    return find


@pytest.fixture
def list_looks(tenant):
    def look():
        with tenant_scope(tenant.id):
            events = AuditEvent.objects.filter(actor_kind="operator").order_by("id")
            return [(event.action, event.facts) for event in events]

    return look


def texts(answer):
    return [(row.text.state, row.text.words) for row in answer.context["results"].rows]


def test_pages_hold_no_text_before_it_is_revealed(browser, store, entity_href, list_looks):
    [memory_id] = store.add("I like green tea.", metadata={"shop": "Tea & Co"})
    store.change(memory_id, "I like black tea.")
    href = entity_href()
    memory = f"/dashboard/memories/{memory_id}/"

    pages = [
        browser.get(href),
        browser.post(href, {"q": "anything"}),
        browser.get(memory),
        browser.get(memory, headers={"HX-Request": "true", "HX-Target": "peek"}),
        browser.get(f"{href}messages/"),
    ]

    for page in pages:
        assert b"black tea" not in page.content
        assert b"green tea" not in page.content
        assert b"Tea &amp; Co" not in page.content
    assert list_looks() == [("memory.search", {"count": 1})]


def test_reveal_shows_a_page_and_is_recorded(browser, store, entity_href, list_looks):
    first, second = store.add("First.", "Second.")
    href = entity_href()

    answer = browser.post(f"{href}reveal/")

    assert texts(answer) == [("revealed", "Second."), ("revealed", "First.")]
    shown = {"count": 2, "memories": [str(second), str(first)]}
    assert list_looks() == [("memory.read", shown)]
    assert texts(browser.get(href)) == [("hidden", ""), ("hidden", "")]


def test_reveal_of_a_search(browser, store, entity_href, list_looks):
    tea, dog = store.add("I like tea.", "I have a dog.")

    answer = browser.post(f"{entity_href()}reveal/", {"q": "tea"})

    assert texts(answer)[0] == ("revealed", "I like tea.")
    shown = {"count": 2, "memories": [str(tea), str(dog)]}
    assert list_looks() == [("memory.search", {"count": 2}), ("memory.read", shown)]


def test_reveal_keeps_the_page(browser, store, entity_href, monkeypatch):
    monkeypatch.setattr("apps.dashboard.queries.memories.PAGE_SIZE", 2)
    store.add("First.", "Second.", "Third.")
    second = browser.get(entity_href()).context["results"].older

    results = browser.get(second).context["results"]
    answer = browser.post(results.reveal_href)

    assert texts(answer) == [("revealed", "First.")]
    assert answer.context["results"].href == second


def test_reveal_of_messages(browser, store, entity_href, list_looks):
    store.add("I like tea.")

    answer = browser.post(f"{entity_href()}messages/reveal/")

    assert [row.text.words for row in answer.context["rows"]] == []
    assert list_looks() == []


@pytest.mark.parametrize("path", ["", "messages/"])
def test_reveal_needs_a_recent_sign_in(
    store, make_operator, sign_in, entity_href, list_looks, path
):
    store.add("I like tea.")
    stale = sign_in(make_operator(), is_recent=False)

    answer = stale.post(f"{entity_href()}{path}reveal/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert list_looks() == []


def test_reveal_of_a_memory_needs_a_recent_sign_in(store, make_operator, sign_in, list_looks):
    [memory_id] = store.add("I like tea.")
    stale = sign_in(make_operator(), is_recent=False)

    answer = stale.post(f"/dashboard/memories/{memory_id}/reveal/")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert list_looks() == []


def test_viewer_sees_masks_and_no_button(store, make_operator, sign_in, entity_href):
    [memory_id] = store.add("I like tea.")
    viewer = sign_in(make_operator("viewer@halden.example", role=Role.VIEWER))
    href = entity_href()

    page = viewer.get(href)
    memory = viewer.get(f"/dashboard/memories/{memory_id}/")

    assert texts(page) == [("hidden", "")]
    assert b"Reveal" not in page.content + memory.content
    for refused in (
        f"{href}reveal/",
        f"{href}messages/reveal/",
        f"/dashboard/memories/{memory_id}/reveal/",
    ):
        assert viewer.post(refused).status_code == 403


def test_one_comes_back_to_the_masked_page(browser, store, entity_href):
    [memory_id] = store.add("I like tea.")
    href = entity_href()

    assert browser.get(f"{href}reveal/").headers["Location"] == href
    assert browser.get(f"{href}messages/reveal/").headers["Location"] == f"{href}messages/"
    memory = f"/dashboard/memories/{memory_id}/"
    assert browser.get(f"{memory}reveal/").headers["Location"] == memory


def test_erased_memory_reveals_nothing(browser, store, list_looks):
    [memory_id] = store.add("I like tea.")
    store.delete(memory_id)

    answer = browser.post(f"/dashboard/memories/{memory_id}/reveal/")

    assert answer.context["memory"].text.state == "erased"
    assert list_looks() == []
