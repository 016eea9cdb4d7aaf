"""/dashboard/entities/"""

import pytest


def ids(answer):
    return [row.external_id for row in answer.context["listing"].rows]


def test_list_shows_one_type_with_counts_of_all(browser, store):
    store.add("I like tea.", user_id="ada")
    store.add("I like rum.", "I like gin.", user_id="bob", agent_id="barkeeper")

    answer = browser.get("/dashboard/entities/user/")

    listing = answer.context["listing"]
    assert sorted(ids(answer)) == ["ada", "bob"]
    assert [(tab.label, tab.count) for tab in listing.tabs] == [
        ("Users", 2),
        ("Agents", 1),
        ("Apps", 0),
        ("Runs", 0),
    ]
    assert listing.note == "1 to 2 of 2 users"


def test_list_starts_with_users(browser):
    assert browser.get("/dashboard/entities/").url == "/dashboard/entities/user/"


def test_list_by_size(browser, store):
    store.add("One.", user_id="small")
    store.add("One.", "Two.", "Three.", user_id="large")
    store.add("One.", "Two.", user_id="middle")

    answer = browser.get("/dashboard/entities/user/?order=size")

    rows = answer.context["listing"].rows
    assert [(row.external_id, row.memories) for row in rows] == [
        ("large", 3),
        ("middle", 2),
        ("small", 1),
    ]


def test_empty_type_says_when_they_appear(browser, store):
    store.add("I like tea.")

    page = browser.get("/dashboard/entities/agent/").content.decode()

    assert "No agents yet" in page
    assert "They appear with the first memory that has an agent_id." in page


def test_find_by_part_puts_the_exact_id_first(browser, store):
    for name in ("adam", "ada", "NevADA", "bob"):
        store.add("I like tea.", user_id=name)

    answer = browser.post("/dashboard/entities/user/", {"q": "ada"})

    found = ids(answer)
    assert found[0] == "ada"
    assert sorted(found) == ["NevADA", "ada", "adam"]


def test_find_swaps_only_the_results(browser, store):
    store.add("I like tea.", user_id="ada")

    answer = browser.post(
        "/dashboard/entities/user/",
        {"q": "ada"},
        headers={"HX-Request": "true", "HX-Target": "results"},
    )

    assert answer.content.strip().startswith(b'<div id="results">')
    assert b"<html" not in answer.content


def test_find_nothing(browser, store):
    store.add("I like tea.", user_id="ada")

    page = browser.post("/dashboard/entities/user/", {"q": "zoe"}).content.decode()

    assert "Nothing found" in page


def test_find_too_long(browser):
    page = browser.post("/dashboard/entities/user/", {"q": "x" * 257}).content.decode()

    assert "Find takes at most 256 characters" in page


@pytest.mark.parametrize("asked", ["page=x", "page=-3", "page=0", "order=name", "page=99999999"])
def test_odd_page_is_the_first(browser, store, asked):
    store.add("I like tea.", user_id="ada")

    assert ids(browser.get(f"/dashboard/entities/user/?{asked}")) == ["ada"]


def test_other_tenants_are_not_listed(browser, other_store):
    other_store.add("I like tea.", user_id="ada")

    assert ids(browser.get("/dashboard/entities/user/")) == []
    assert ids(browser.post("/dashboard/entities/user/", {"q": "ada"})) == []


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, store, django_assert_num_queries, count):
    for number in range(count):
        store.add("I like tea.", user_id=f"user-{number}")

    with django_assert_num_queries(17):
        browser.get("/dashboard/entities/user/")


@pytest.mark.parametrize("count", [1, 3])
def test_statements_by_size(browser, store, django_assert_num_queries, count):
    for number in range(count):
        store.add("I like tea.", user_id=f"user-{number}")

    with django_assert_num_queries(17):
        browser.get("/dashboard/entities/user/?order=size")


@pytest.mark.parametrize("count", [1, 3])
def test_statements_of_find(browser, store, django_assert_num_queries, count):
    for number in range(count):
        store.add("I like tea.", user_id=f"user-{number}")

    with django_assert_num_queries(19):
        browser.post("/dashboard/entities/user/", {"q": "user"})


def test_pages_of_a_hundred(browser, store, monkeypatch):
    monkeypatch.setattr("apps.dashboard.presenters.entities.PAGE_SIZE", 2)
    for number in range(5):
        store.add("I like tea.", user_id=f"user-{number}")

    first = browser.get("/dashboard/entities/user/")
    second = browser.get(first.context["listing"].on)
    third = browser.get(second.context["listing"].on)

    assert [len(ids(answer)) for answer in (first, second, third)] == [2, 2, 1]
    assert len(set(ids(first) + ids(second) + ids(third))) == 5
    assert second.context["listing"].note == "3 to 4 of 5 users"
    assert "Previous 2</a>" in second.content.decode()
    assert third.context["listing"].on == ""
