"""Filters on what is encrypted: what they are asked of, how much of it, and what is forgotten."""

from urllib.parse import urlencode

import pytest

from apps.isolation.scope import tenant_scope
from apps.keys.ring import destroy_entity_keys
from apps.memories.enums import EntityKind
from apps.memories.models import Memory
from apps.memories.queries.entities import find_entities

ADA = {"user_id": "ada"}
GOOD = ADA | {"metadata": {"mood": "good"}}


@pytest.fixture
def moods(api):
    for number in range(4):
        api.add(f"Good day {number}.", metadata={"mood": "good"}, categories=["days"])
    api.add("Bad day.", metadata={"mood": "bad"}, categories=["days", "work"])
    api.add("Just a day.")


def test_no_more_are_opened_than_the_limit_allows(api, moods, settings):
    settings.FILTER_SCAN_LIMIT = 5
    keywords = ADA | {"keywords": {"contains": "day"}}

    answers = [
        api.page(keywords),
        api.search("day", keywords),
        api.delete(f"/v1/memories/?{urlencode({'filters': str(keywords)})}"),
    ]

    for answer in answers:
        assert answer.status_code == 400
        assert answer.json()["field"] == "text"
        assert "at most 5 memories" in answer.json()["detail"]
    settings.FILTER_SCAN_LIMIT = 6
    assert api.page(keywords).json()["count"] == 6


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (GOOD, 4),
        (ADA | {"categories": {"in": ["work"]}}, 1),
        (ADA | {"categories": {"in": ["work", "nothing"]}, "metadata": {"mood": "bad"}}, 1),
        (ADA | {"OR": [{"metadata": {"mood": "bad"}}, {"categories": {"in": ["work"]}}]}, 1),
        (ADA | {"metadata": {"mood": "good"}, "NOT": {"keywords": {"contains": "3"}}}, 3),
        (ADA | {"metadata": {"mood": "none of them"}}, 0),
    ],
)
def test_equality_is_narrowed_before_anything_is_opened(api, moods, settings, filters, count):
    settings.FILTER_SCAN_LIMIT = max(count, 4) if filters is GOOD else max(count, 1) + 3

    assert api.page(filters).json()["count"] == count


def test_memories_from_before_there_were_marks_are_opened(api, moods, tenant):
    with tenant_scope(tenant.id):
        Memory.objects.update(marks=None)

    assert api.page(GOOD).json()["count"] == 4
    assert sorted(api.hits("day", GOOD)) == [f"Good day {number}." for number in range(4)]


def test_a_change_is_found_by_what_it_is_now(api):
    [memory] = api.add("A day.", metadata={"mood": "good"}, categories=["days"])

    api.put(f"/v1/memories/{memory}/", {"metadata": {"mood": "bad"}, "categories": ["work"]})

    assert api.texts(GOOD) == []
    assert api.texts(ADA | {"metadata": {"mood": "bad"}}) == ["A day."]
    assert api.texts(ADA | {"categories": {"in": ["days"]}}) == []
    assert api.texts(ADA | {"categories": {"in": ["work"]}}) == ["A day."]
    api.put(f"/v1/memories/{memory}/", {"text": "Another day."})
    assert api.texts(ADA | {"categories": {"in": ["work"]}}) == ["Another day."]


def test_delete_by_metadata_deletes_no_more(api, moods):
    answer = api.delete("/v1/memories/?user_id=ada&metadata=%7B%22mood%22%3A%20%22good%22%7D")

    assert answer.status_code == 200
    assert sorted(api.texts()) == ["Bad day.", "Just a day."]


def test_a_deleted_memory_keeps_no_marks(api, tenant):
    [memory] = api.add("A day.", metadata={"mood": "good"}, categories=["days"])
    with tenant_scope(tenant.id):
        assert len(Memory.objects.get().marks) == 2

    api.delete(f"/v1/memories/{memory}/")

    with tenant_scope(tenant.id):
        assert Memory.objects.get().marks is None


def test_what_no_key_opens_is_not_found_by_its_negation(api, tenant):
    api.add("A day.", user_id="ada")
    api.add("A night.", user_id="bob", metadata={"mood": "bad"})
    filters = {"user_id": {"in": ["ada", "bob"]}, "NOT": {"metadata": {"mood": "good"}}}
    assert sorted(api.texts(filters)) == ["A day.", "A night."]
    with tenant_scope(tenant.id):
        destroy_entity_keys([find_entities([(EntityKind.USER, "ada")]).popitem()[1].id])

    assert api.texts(filters) == ["A night."]


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"metadata": {"mood": "bad"}}, {"Bad day."}),
        ({"metadata": {"mood": {"ne": "good"}}}, set()),
        ({"categories": ["work"]}, {"Bad day."}),
        ({"categories": ["work"], "metadata": {"mood": "good"}}, set()),
    ],
)
def test_fields_beside_the_filter_narrow_list_and_search(api, moods, fields, texts):
    assert {row["memory"] for row in api.page(ADA, **fields).json()["results"]} == texts
    assert set(api.hits("day", **fields)) == texts


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"keywords": "BAD"}, {"old bad"}),
        ({"start_date": "2026-03-02"}, {"new", "noon"}),
        ({"end_date": "2026-03-02"}, {"old bad", "noon"}),
        ({"end_date": "2026-03-02T11:59:59Z"}, {"old bad"}),
        ({"start_date": "2026-03-02", "end_date": "2026-03-02"}, {"noon"}),
    ],
)
def test_a_list_is_narrowed_by_words_and_days(api, fields, texts):
    api.add("old bad", timestamp=1_772_360_000)
    api.add("noon", timestamp=1_772_452_800)
    api.add("new", timestamp=1_772_500_000)

    assert {row["memory"] for row in api.page(ADA, **fields).json()["results"]} == texts


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"metadata": {}}, "metadata"),
        ({"metadata": "x"}, "metadata"),
        ({"categories": []}, "categories"),
        ({"categories": "work"}, "categories"),
        ({"start_date": "soon"}, "start_date"),
        ({"end_date": {"gte": 1}}, "end_date"),
        ({"keywords": ["x"]}, "keywords"),
        ({"fields": "memory"}, "fields"),
    ],
)
def test_a_field_that_is_not_understood_is_refused(api, moods, fields, field):
    answer = api.page(ADA, **fields)

    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_list_shows_the_fields_that_are_asked_for(api):
    [memory] = api.add("A day.", categories=["days"])

    [row] = api.page(ADA, fields=["memory", "categories"]).json()["results"]

    assert row == {"id": memory, "memory": "A day.", "categories": ["days"]}


@pytest.mark.parametrize("bad", ["days", [""], [7], ["x" * 121], ["a\0"], ["x"] * 51])
def test_categories_that_cannot_be_kept_are_refused(api, bad):
    [memory] = api.add("A day.", categories=["days"])
    say = {"messages": [{"role": "user", "content": "x"}], "user_id": "ada", "categories": bad}

    answers = [
        api.post("/v3/memories/add/", say),
        api.put(f"/v1/memories/{memory}/", {"categories": bad}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert [answer.json()["field"] for answer in answers] == ["categories"] * 2
    assert api.get(f"/v1/memories/{memory}/").json()["categories"] == ["days"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, rows):
    api.add(*(f"Statement {n}." for n in range(rows)), metadata={"mood": "good"})
    api.page(GOOD)

    with django_assert_num_queries(QUERIES):
        answer = api.page(GOOD)

    assert len(answer.json()["results"]) == rows


QUERIES = 10
