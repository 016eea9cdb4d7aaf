"""/dashboard/memories/"""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.memories import add_memories, update_memory
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.models import Entity, Memory
from apps.memories.queries.entities import find_entities
from apps.tenants.enums import Role

URL = "/dashboard/memories/"
REVEAL = f"{URL}reveal/"


@pytest.fixture
def add(tenant):
    """One memory a text, a day apart, the first the oldest."""

    def write(*texts, user="ada", **values):
        start = timezone.now() - timedelta(days=len(texts))
        ids = []
        for place, text in enumerate(texts):
            new = NewMemories(
                messages=[NewMessage(text)],
                entity_ids={EntityKind.USER: user},
                created_at=start + timedelta(days=place),
                **values,
            )
            ids += [
                one.memory_id for one in add_memories(tenant_id=tenant.id, new=new, by=SYSTEM).added
            ]
        return ids

    return write


def texts(answer):
    return [row.text.words for row in answer.context["listing"].rows]


def events(tenant, action):
    """Without the ids of what was shown: see test_memory.py."""
    with tenant_scope(tenant.id):
        found = list(AuditEvent.objects.filter(action=action))
    for event in found:
        event.facts.pop("memories", None)
    return [(one.target_id, one.facts) for one in found]


def test_empty_tenant_says_what_will_come(browser, tenant):
    page = browser.get(URL).content.decode()

    assert "No memories yet" in page
    assert "Nothing matches" not in page


def test_newest_stand_first_with_whose_they_are(browser, add, tenant):
    add("I like tea.")
    add("My dog is Biscuit.", user="bob")

    masked = browser.get(URL)
    answer = browser.post(REVEAL)

    assert [row.text.state for row in masked.context["listing"].rows] == ["hidden", "hidden"]
    assert b"Biscuit" not in masked.content
    assert texts(answer) == ["My dog is Biscuit.", "I like tea."]
    assert [row.owner.external_id for row in answer.context["listing"].rows] == ["bob", "ada"]
    assert events(tenant, Action.MEMORY_READ) == [(None, {"count": 2})]


def test_reveal_asks_for_a_recent_sign_in_and_for_a_role(add, tenant, make_operator, sign_in):
    add("I like tea.")
    stale = sign_in(make_operator(), is_recent=False)
    viewer = sign_in(make_operator("viewer@halden.example", role=Role.VIEWER))

    answer = stale.post(REVEAL, {"q": "tea"})

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert stale.get(REVEAL).headers["Location"] == URL
    assert viewer.post(REVEAL).status_code == 403
    assert b"Reveal" not in viewer.get(URL).content
    assert events(tenant, Action.MEMORY_READ) == []


def test_what_is_restricted_is_neither_found_nor_revealed_with_others(browser, add, tenant):
    add("I like tea.", metadata={"channel": "chat"})
    add("Bob likes tea.", user="bob", metadata={"channel": "chat"})
    with tenant_scope(tenant.id):
        bob = find_entities([("user", "bob")])["user", "bob"]
        Entity.objects.filter(id=bob.id).update(restricted_at=timezone.now())

    assert texts(browser.post(REVEAL)) == ["", "I like tea."]
    assert texts(browser.post(REVEAL, {"q": "tea"})) == ["I like tea."]
    assert texts(browser.post(REVEAL, {"key": "channel"})) == ["I like tea."]
    assert [facts for _, facts in events(tenant, Action.MEMORY_READ)] == [{"count": 1}] * 3


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"kind": "user", "entity": "bob"}, ["Bob eats fish."]),
        ({"kind": "agent"}, []),
        ({"category": "food"}, ["Bob eats fish."]),
        ({"key": "channel"}, ["Bob eats fish."]),
        ({"key": "channel", "value": "chat"}, ["Bob eats fish."]),
        ({"key": "channel", "value": "mail"}, []),
        ({"key": "count", "value": "3"}, ["Bob eats fish."]),
        ({"kind": "user", "entity": "ada", "category": "food"}, []),
        ({"until": "2020-01-01"}, []),
        ({"since": "2020-01-01"}, ["Bob eats fish.", "I drink tea.", "I like tea."]),
    ],
)
def test_filters(browser, add, tenant, form, expected):
    add("I like tea.", "I drink tea.")
    metadata = {"channel": "chat", "count": 3}
    add("Bob eats fish.", user="bob", metadata=metadata, categories=["food"])

    answer = browser.post(REVEAL, form)

    assert texts(answer) == expected
    is_search = "category" in form or "key" in form
    assert len(events(tenant, Action.MEMORY_SEARCH)) == is_search


def test_states(browser, add, tenant, store):
    first, second, third, _ = add("one", "two", "three", "four")
    store.delete(first)
    yesterday = timezone.now().date() - timedelta(days=1)
    update_memory(tenant_id=tenant.id, memory_id=second, expires_on=yesterday, by=SYSTEM)
    with tenant_scope(tenant.id):
        Memory.objects.filter(id=third).update(replaced_by=second)

    found = {
        state: [row.href.split("/")[-2] for row in listing.rows]
        for state in ("live", "expired", "superseded", "deleted")
        for listing in [browser.post(URL, {"state": state}).context["listing"]]
    }

    assert found.pop("live") != []
    assert found == {
        "expired": [str(second)],
        "superseded": [str(third)],
        "deleted": [str(first)],
    }


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"entity": "ada"}, "Choose the type of the entity with this id"),
        ({"value": "chat"}, "Name the metadata key that has this value"),
        (
            {"state": "deleted", "category": "x"},
            "Deleted memories have neither categories nor metadata",
        ),
        ({"q": "tea", "state": "expired"}, "A search looks at live memories"),
        ({"since": "soon"}, "From: choose a date such as 2026-11-21"),
    ],
)
def test_what_cannot_be_asked_says_why_and_shows_nothing(browser, add, form, error):
    add("I like tea.")

    answer = browser.post(URL, form)

    assert error in answer.content.decode()
    assert "I like tea." not in answer.content.decode()


def test_a_filter_of_what_is_sealed_opens_few_a_page(browser, add, monkeypatch):
    monkeypatch.setattr("apps.dashboard.queries.memories.FIRST_OPENED", 2)
    monkeypatch.setattr("apps.dashboard.queries.memories.MOST_OPENED", 3)
    monkeypatch.setattr("apps.dashboard.queries.memories.PAGE_SIZE", 2)
    for number in range(4):
        add(f"chat {number}", metadata={"channel": "chat"})
    for number in range(3):
        add(f"plain {number}")
    place, pages = {}, []

    for way, name in (("older", "before"), ("older", "before"), ("newer", "after"), ("", "")):
        pages.append(browser.post(REVEAL, {"key": "channel"} | place))
        place = {name: getattr(pages[-1].context["listing"], way, "")}

    listings = [page.context["listing"] for page in pages]
    assert [texts(page) for page in pages] == [
        [],
        ["chat 3", "chat 2"],
        ["chat 1", "chat 0"],
        ["chat 3", "chat 2"],
    ]
    assert [one.opened for one in listings] == [3, 2, 2, 3]
    assert [bool(one.older) for one in listings] == [True, True, False, True]
    assert "Nothing among these 3" in pages[0].content.decode()
    assert "2 memories on this page, of 2 that were looked into" in pages[1].content.decode()


def test_pages(browser, add, monkeypatch):
    monkeypatch.setattr("apps.dashboard.queries.memories.PAGE_SIZE", 2)
    add("one", "two", "three")

    first = browser.post(REVEAL)
    second = browser.post(REVEAL, {"before": first.context["listing"].older})
    again = browser.post(REVEAL, {"after": second.context["listing"].newer})

    assert [texts(page) for page in (first, second, again)] == [
        ["three", "two"],
        ["one"],
        ["three", "two"],
    ]
    assert (first.context["listing"].newer, second.context["listing"].older) == ("", "")


def test_pages_keep_the_filter(browser, add, monkeypatch):
    monkeypatch.setattr("apps.dashboard.queries.memories.PAGE_SIZE", 1)
    add("one", "two")

    page = browser.post(URL, {"kind": "user", "entity": "ada"}).content.decode()

    assert '<input type="hidden" name="entity" value="ada"' in page


def test_a_selection_of_one_entity_is_purged(browser, add):
    first, *_ = add("I like tea.", "I like rum.")
    add("Bob eats fish.", user="bob")

    several = browser.post(URL)
    one = browser.post(URL, {"kind": "user", "entity": "ada"})
    answer = browser.post(one.context["purge_href"], {"memory": [first]}, follow=True)

    assert several.context["purge_href"] == ""
    assert answer.context["page"].subject == "ada"
    assert answer.context["page"].figures[0].value == "1"


def test_chosen_memories_expire_or_go_together(browser, add, tenant):
    first, second = add("I like tea.", "I like rum.")
    [third] = add("Bob eats fish.", user="bob")
    given = {"memory": [first, third, third, "no id"]}
    expire, delete = f"{URL}chosen/expire/", f"{URL}chosen/delete/"

    question = browser.post(expire, given).content.decode()
    expired = browser.post(expire, given | {"confirmed": "1"}, follow=True).content.decode()
    nothing = browser.post(delete, {"memory": []}, follow=True).content.decode()
    deleted = browser.post(delete, given | {"confirmed": "1"}, follow=True).content.decode()

    assert "Let 2 memories expire?" in question
    assert question.count('<input type="hidden" name="memory"') == 2
    assert "2 memories expired" in expired
    assert "Choose a memory first" in nothing
    assert "2 memories deleted" in deleted
    with tenant_scope(tenant.id):
        kept = list(Memory.objects.live().values_list("id", "expires_on"))
    assert kept == [(second, None)]
    assert events(tenant, Action.MEMORY_DELETE) == [(None, {"deleted": 2})]


def test_search_goes_over_the_whole_tenant(browser, add, tenant):
    add("I like tea.")
    add("My dog is Biscuit.", user="bob")

    masked = browser.post(URL, {"q": "dog Biscuit"})
    answer = browser.post(REVEAL, {"q": "dog Biscuit"})

    assert texts(masked) == ["", ""]
    assert texts(answer) == ["My dog is Biscuit.", "I like tea."]
    best = answer.context["listing"].rows[0]
    assert [part.label for part in best.parts] == ["Meaning", "Words", "Context"]
    assert events(tenant, Action.MEMORY_SEARCH) == [(None, {"count": 2})] * 2
    assert events(tenant, Action.MEMORY_READ) == [(None, {"count": 2})]


def test_search_of_one_entity(browser, add):
    add("I like tea.")
    add("Bob likes tea.", user="bob")

    assert texts(browser.post(REVEAL, {"q": "tea", "kind": "user", "entity": "bob"})) == [
        "Bob likes tea."
    ]


def test_search_without_a_match_says_so(browser, add):
    add("I like tea.")

    page = browser.post(URL, {"q": "tea", "kind": "user", "entity": "nobody"}).content.decode()

    assert "Nothing matches" in page
    assert "Remove a filter (Type, Entity id)" in page


def test_htmx_gets_the_results_alone(browser, add):
    add("I like tea.")

    page = browser.post(URL, {"q": ""}, headers={"HX-Request": "true", "HX-Target": "results"})

    assert page.content.decode().lstrip().startswith('<div id="results">')


def test_other_tenants_are_not_found(browser, add, other_store):
    other_store.add("Their secret.")

    for form in ({}, {"q": "secret"}, {"kind": "user", "entity": "ada"}, {"state": "deleted"}):
        assert texts(browser.post(URL, form)) == []


@pytest.mark.parametrize("number", [1, 3])
def test_statements(browser, add, django_assert_num_queries, number):
    for place in range(number):
        add(f"Statement {place}.", user=f"user-{place}")
    browser.get(URL)

    with django_assert_num_queries(15):
        browser.get(URL)
