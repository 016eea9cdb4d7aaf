"""POST /v1/exports/ and /v1/exports/get/"""

import pytest

ADA = {"user_id": "ada"}
SCHEMA = {
    "title": "Person",
    "type": "object",
    "properties": {
        "user_id": {"type": "string"},
        "mood": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "cups": {"type": "integer"},
        "shoe_size": {"type": "integer"},
        "categories": {"type": "array", "items": {"type": "string"}},
        "memories": {"type": "array", "items": {"type": "string"}},
        "notes": {"type": "array", "items": {"$ref": "#/$defs/Note"}},
    },
    "$defs": {
        "Note": {"properties": {"text": {"type": "string"}, "mood": {"type": "string"}}},
    },
}


@pytest.fixture
def rows(api):
    api.add("old", timestamp=1_600_000_000, metadata={"mood": "bad", "cups": 3}, **ADA)
    api.add("new", metadata={"mood": "good", "cups": "many"}, categories=["tea"], **ADA)
    api.add("Bob's", user_id="bob", metadata={"mood": "bob's"})


def make(api, filters=ADA, schema=SCHEMA, **fields):
    return api.post("/v1/exports/", {"schema": schema, "filters": filters} | fields)


def read(api, **fields):
    return api.post("/v1/exports/get/", fields)


FILLED = {
    "user_id": "ada",
    "mood": "good",
    "cups": 3,
    "shoe_size": None,
    "categories": ["tea"],
    "memories": ["new", "old"],
    "notes": [{"text": "new", "mood": "good"}, {"text": "old", "mood": "bad"}],
}


def test_a_schema_is_filled_by_the_names_of_its_properties(api, rows):
    made = make(api, export_instructions="Be brief.")

    assert made.status_code == 201
    assert made.json().keys() == {"message", "id"}
    answer = read(api, memory_export_id=made.json()["id"])
    assert (answer.status_code, answer.json()) == (200, FILLED)


def test_it_is_found_by_its_filters_the_newest_first(api, rows):
    make(api, schema={"properties": {"mood": {}}})
    make(api)
    make(api, filters={"user_id": "bob"})

    assert read(api, filters=ADA).json() == FILLED
    assert read(api, filters={"user_id": "bob"}).json()["mood"] == "bob's"


def test_a_schema_may_be_text(api, rows):
    made = make(api, schema='{"properties": {"mood": {"type": "string"}}}').json()

    assert read(api, memory_export_id=made["id"]).json() == {"mood": "good"}


def test_it_holds_what_is_there_when_it_is_read(api, rows):
    made = make(api).json()

    api.delete("/v1/memories/?user_id=ada")

    assert read(api, memory_export_id=made["id"]).json()["memories"] == []


def test_another_tenants_export_is_not_there(api, other_api, rows):
    made = make(api).json()

    for answer in (
        read(other_api, memory_export_id=made["id"]),
        read(other_api, filters=ADA),
        read(api, memory_export_id="nonsense"),
        read(api, filters={"user_id": "nobody"}),
    ):
        assert answer.status_code == 404
        assert answer.json()["message"] == "No memory export request found"


def test_without_a_filter_it_is_refused(api, rows):
    text = "One of the filters: app_id, user_id, agent_id, run_id is required!"

    for answer in (read(api), make(api, filters={}), make(api, filters=None)):
        assert (answer.status_code, answer.json()["message"]) == (400, text)


LOOP = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$ref": "#/$defs/A"}}}
WIDE = {
    "properties": {"a": {"$ref": "#/$defs/A"}},
    "$defs": {"A": {"properties": {str(n): {"$ref": "#/$defs/A"} for n in range(9)}}},
}


@pytest.mark.parametrize(
    "schema",
    [
        None,
        7,
        "x",
        "[]",
        [],
        {},
        {"properties": {}},
        {"properties": ["a"]},
        {"properties": {"a": 7}},
        {"properties": {"a": {"properties": 7}}},
        {"properties": {"a": {"$ref": "#/$defs/Nothing"}}},
        {"properties": {"a": {"type": "array", "items": [1]}}},
        {"properties": {str(n): {} for n in range(501)}},
        LOOP,
        WIDE,
    ],
    ids=lambda schema: str(schema)[:50],
)
def test_a_schema_that_cannot_be_filled_is_refused(api, rows, schema):
    answer = make(api, schema=schema)

    assert (answer.status_code, answer.json()["field"]) == (400, "schema")


@pytest.mark.parametrize(
    "part", [{"type": ["string", "null"]}, {"anyOf": [7]}, {"type": 7}, {"anyOf": []}]
)
def test_what_a_schema_leaves_open_is_null_or_anything(api, rows, part):
    made = make(api, schema={"properties": {"mood": part}})

    assert made.status_code == 201
    assert read(api, memory_export_id=made.json()["id"]).json()["mood"] in {None, "good"}


def test_filters_are_understood_or_refused(api, rows):
    answer = make(api, filters={"user_id": "ada", "nonsense": 1})

    assert (answer.status_code, answer.json()["field"]) == (400, "filters")
