"""GET /v1/memories/{id}/"""

from datetime import datetime, timedelta

KEYS = {
    "id",
    "memory",
    "user_id",
    "agent_id",
    "app_id",
    "run_id",
    "session_id",
    "metadata",
    "categories",
    "created_at",
    "updated_at",
    "expiration_date",
    "structured_attributes",
    "inferred",
    "replaced_by",
    "synthesized",
    "lifecycle_state",
}


def test_it_works(api):
    [memory] = api.add("I drink tea.", user_id="ada", timestamp=1_683_554_160)

    found = api.get(f"/v1/memories/{memory}/").json()

    assert found == {
        "id": memory,
        "memory": "I drink tea.",
        "user_id": "ada",
        "agent_id": None,
        "app_id": None,
        "run_id": None,
        "session_id": None,
        "metadata": None,
        "categories": None,
        "created_at": found["created_at"],
        "updated_at": found["updated_at"],
        "expiration_date": None,
        "structured_attributes": {
            "day": 8,
            "hour": 13,
            "minute": 56,
            "month": 5,
            "year": 2023,
            "quarter": 2,
            "is_weekend": False,
            "day_of_week": "monday",
            "day_of_year": 128,
            "week_of_year": 19,
        },
        "inferred": None,
        "replaced_by": None,
        "synthesized": False,
        "lifecycle_state": "active",
    }
    assert datetime.fromisoformat(found["created_at"]).utcoffset() == timedelta(0)
    assert datetime.fromisoformat(found["updated_at"]).utcoffset() == timedelta(0)


def test_it_finds_an_expired_memory(api):
    [memory] = api.add("I drink tea.", expiration_date="2020-01-31")

    answer = api.get(f"/v1/memories/{memory}/")

    assert answer.status_code == 200
    assert answer.json()["expiration_date"] == "2020-01-31"


def test_it_takes_an_id_without_dashes_or_in_capitals(api):
    [memory] = api.add("I drink tea.")

    assert api.get(f"/v1/memories/{memory.upper()}/").json()["id"] == memory


def test_a_deleted_memory_is_gone(api):
    [memory] = api.add("I drink tea.")
    api.delete(f"/v1/memories/{memory}/")

    answer = api.get(f"/v1/memories/{memory}/")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Memory not found!", "error": "Memory not found!"}
