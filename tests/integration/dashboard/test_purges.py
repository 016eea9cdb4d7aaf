"""From checks on an entity's page to memories that are gone."""

import pytest

from apps.common import sending
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import set_flag
from apps.memories.enums import EntityFlag
from apps.memories.models import Memory
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.purging import run_purge
from apps.tenants.enums import Role
from tests.support.kernel import SYSTEM


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    monkeypatch.setattr(sending.current_app, "send_task", lambda *_, **__: None)


@pytest.fixture
def ids(store):
    return store.add("One.", "Two.", "Three.")


@pytest.fixture
def ada(tenant, ids):
    with tenant_scope(tenant.id):
        return find_entities([("user", "ada")])["user", "ada"]


@pytest.fixture
def href(ada):
    return f"/dashboard/entities/{ada.id}/"


@pytest.fixture
def count(tenant):
    def live():
        with tenant_scope(tenant.id):
            return Memory.objects.live().count()

    return live


def test_selected_memories(browser, href, ids, tenant, count):
    answer = browser.post(f"{href}purge/", {"memory": [str(ids[0]), str(ids[2])]}, follow=True)
    [(page, _)] = answer.redirect_chain
    assert [(figure.label, figure.value) for figure in answer.context["page"].figures] == [
        ("Memories", "2"),
        ("Versions", "2"),
        ("Messages", "0"),
        ("Also about others", "0"),
        ("Held or restricted", "0"),
    ]

    wrong = browser.post(page, {"typed": "bob"})
    assert b"Type ada to purge its memories" in wrong.content
    running = browser.post(page, {"typed": "ada"}, follow=True)
    assert b"every 2s" in running.content
    assert count() == 3

    run_purge(tenant_id=tenant.id, purge_id=page.split("/")[-2], by=SYSTEM)
    part = browser.get(page, headers={"HX-Request": "true", "HX-Target": "work"})
    assert b"<html" not in part.content
    assert b"every 2s" not in part.content
    assert b"2 of 2" in part.content
    assert count() == 1


def test_all_that_match(browser, href):
    page = browser.post(f"{href}purge/", {"all": "1"}, follow=True).context["page"]

    assert (page.total, page.button, page.days) == (3, "Purge 3 memories", "all that are kept")


def test_days_of_the_list_go_with_it(browser, href):
    results = browser.get(f"{href}?since=2020-01-01&until=2020-01-31").context["results"]
    assert (results.rows, results.total) == ((), 0)

    answer = browser.post(f"{href}purge/", {"all": "1", "until": "2020-01-31"}, follow=True)

    assert b"None of these memories is there any more" in answer.content


@pytest.mark.parametrize("given", [{}, {"memory": ["x"]}])
def test_nothing_selected_is_said(browser, href, given):
    answer = browser.post(f"{href}purge/", given, follow=True)

    assert b"Select 1 to 1,000 memories" in answer.content


def test_hold_is_said_and_stops(browser, href, ada, tenant, count):
    page = browser.post(f"{href}purge/", {"all": "1"}).headers["Location"]
    with tenant_scope(tenant.id):
        set_flag(entity_id=ada.id, flag=EntityFlag.HELD, by=SYSTEM)

    assert b"A legal hold or a restriction keeps 3" in browser.get(page).content
    answer = browser.post(page, {"typed": "ada"})

    assert b"under a legal hold or a restriction, so nothing" in answer.content
    assert count() == 3


def test_confirming_needs_a_recent_sign_in(make_operator, sign_in, href, count):
    stale = sign_in(make_operator(), is_recent=False)
    page = stale.post(f"{href}purge/", {"all": "1"}).headers["Location"]

    answer = stale.post(page, {"typed": "ada"})

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert count() == 3


def test_editor_may_not_purge(make_operator, sign_in, href):
    editor = sign_in(make_operator(role=Role.EDITOR))

    assert editor.post(f"{href}purge/", {"all": "1"}).status_code == 403
    assert b"Purge" not in editor.get(href).content


def test_erased_entity_leaves_no_page(browser, href):
    assert browser.get("/dashboard/purges/00000000-0000-7000-8000-0000000000ff/").status_code == 404
