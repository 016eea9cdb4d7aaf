"""POST /v3/memories/"""

import pytest

ADA = {"user_id": "ada"}


def test_it_works(api):
    [tea] = api.add("I drink tea.", user_id="ada")
    api.add("I drink coffee.", user_id="bob")

    answer = api.page(ADA)

    assert answer.status_code == 200
    assert answer.json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [api.get(f"/v1/memories/{tea}/").json()],
    }


def test_an_unknown_entity_has_an_empty_page(api):
    api.add("I drink tea.", user_id="ada")

    answer = api.page({"user_id": "nobody"})

    assert answer.status_code == 200
    assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_the_newest_come_first(api):
    api.add("oldest", timestamp=1_600_000_000)
    api.add("newest", timestamp=1_700_000_000)
    api.add("between", timestamp=1_650_000_000)

    assert api.texts(ADA) == ["newest", "between", "oldest"]


def test_it_pages(api):
    api.add(*(f"Statement {n}." for n in range(5)))
    everything = api.texts(ADA)

    pages = [api.page(ADA, f"?page={n}&page_size=2").json() for n in (1, 2, 3)]

    assert [page["count"] for page in pages] == [5, 5, 5]
    assert [row["memory"] for page in pages for row in page["results"]] == everything
    assert [page["next"] for page in pages] == [link(2), link(3), None]
    assert [page["previous"] for page in pages] == [None, link(1), link(2)]


def link(page):
    return f"http://testserver/v3/memories/?page={page}&page_size=2"


def test_a_page_past_the_end_is_404(api):
    api.add("I drink tea.")

    answer = api.page(ADA, "?page=2")

    assert answer.status_code == 404
    assert answer.json().keys() == {"detail", "error"}


@pytest.mark.parametrize(
    ("query", "body", "sizes"),
    [
        ("", {}, 3),
        ("?page_size=1", {}, 1),
        ("", {"page_size": 2}, 2),
        ("?page_size=1", {"page_size": 2}, 1),
        ("?page=2", {"page_size": 2}, 1),
        ("", {"page": 2, "page_size": 2}, 1),
        ("?page_size=200", {}, 3),
    ],
)
def test_page_and_size_stand_in_query_or_body_and_the_query_wins(api, query, body, sizes):
    api.add("one", "two", "three")

    assert len(api.page(ADA, query, **body).json()["results"]) == sizes


def test_a_page_holds_a_hundred_unless_told(api):
    api.add(*(f"Statement {n}." for n in range(101)))

    page = api.page(ADA).json()

    assert (page["count"], len(page["results"])) == (101, 100)


def test_expired_memories_are_hidden_unless_asked_for(api):
    api.add("gone", expiration_date="2020-01-31")
    api.add("kept", expiration_date="2999-01-31")

    assert api.texts(ADA) == ["kept"]
    assert api.page(ADA).json()["count"] == 1
    shown = api.page(ADA, show_expired=True).json()
    assert {row["memory"] for row in shown["results"]} == {"gone", "kept"}


@pytest.mark.parametrize(("day", "shown"), [("2026-03-10", []), ("2026-03-11", ["milk"])])
def test_the_last_day_itself_is_included(api, time_machine, day, shown):
    api.add("milk", expiration_date=day)

    time_machine.move_to("2026-03-11T23:59:00Z")

    assert api.texts(ADA) == shown
    assert api.hits("milk", ADA) == shown


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, rows):
    api.add(*(f"Statement {n}." for n in range(rows)), agent_id="helper", run_id="r", **ADA)
    api.page(ADA)

    with django_assert_num_queries(LIST_QUERIES):
        answer = api.page(ADA)

    assert len(answer.json()["results"]) == rows


LIST_QUERIES = 9
