"""Pages about an entity whose key is destroyed, while its rows are still there."""

import pytest

from apps.isolation.scope import tenant_scope
from apps.keys.ring import destroy_entity_keys
from apps.memories.models import Memory


@pytest.fixture
def gone(store, tenant):
    """The memory, and the entity that owned its key."""
    [memory_id] = store.add("Ada drinks tea.", user_id="external-42", run_id="monday")
    store.add("Bob drinks tea.", user_id="bob", run_id="monday")
    with tenant_scope(tenant.id):
        memory = Memory.objects.get(id=memory_id)
        destroy_entity_keys([memory.user_id])
        return memory


def test_memory_shows_no_text(browser, gone):
    answer = browser.get(f"/dashboard/memories/{gone.id}/")

    memory = answer.context["memory"]
    assert (answer.status_code, memory.state_words) == (200, "key destroyed")
    assert [owner.external_id for owner in memory.owners] == ["monday"]
    assert b"tea" not in answer.content
    assert b"external-42" not in answer.content


def test_entity_is_not_found(browser, gone):
    assert browser.get(f"/dashboard/entities/{gone.user_id}/").status_code == 404


def test_lists_leave_the_entity_out(browser, gone):
    for query in ("", "?order=size"):
        listing = browser.get(f"/dashboard/entities/user/{query}").context["listing"]
        assert [row.external_id for row in listing.rows] == ["bob"]


def test_list_of_another_entity_shows_the_memory_as_erased(browser, gone):
    answer = browser.post(f"/dashboard/entities/{gone.run_id}/reveal/")

    rows = answer.context["results"].rows
    assert [(row.text.state, row.text.words) for row in rows] == [
        ("revealed", "Bob drinks tea."),
        ("erased", ""),
    ]
