"""PUT /v1/memories/{id}/"""

import pytest


def test_it_works(api):
    [memory] = api.add("I drink tea.")
    before = api.get(f"/v1/memories/{memory}/").json()

    answer = api.put(f"/v1/memories/{memory}/", {"text": "I drink coffee."})

    assert answer.status_code == 200
    after = answer.json()
    assert after == before | {"memory": "I drink coffee.", "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert api.get(f"/v1/memories/{memory}/").json() == after


def test_the_new_words_are_found_and_the_old_are_not(api):
    [memory] = api.add("I play the xylophone.")

    api.put(f"/v1/memories/{memory}/", {"text": "I play the theremin."})

    assert lexical(api, "xylophone") == [0]
    assert lexical(api, "theremin") > [0]


def lexical(api, query):
    answer = api.search(query, explain=True).json()
    return [row["score_breakdown"]["bm25"] for row in answer["results"]]


def test_it_replaces_metadata_and_keeps_the_text(api):
    [memory] = api.add("I drink tea.", metadata={"a": 1})

    answer = api.put(f"/v1/memories/{memory}/", {"metadata": {"b": 2}})

    assert answer.json()["metadata"] == {"b": 2}
    assert answer.json()["memory"] == "I drink tea."


def test_metadata_never_moves_it_to_somebody_else(api):
    [memory] = api.add("I drink tea.", user_id="ada")

    api.put(f"/v1/memories/{memory}/", {"metadata": {"user_id": "bob"}})

    assert api.texts({"user_id": "ada"}) == ["I drink tea."]
    assert api.texts({"user_id": "bob"}) == []


def test_it_sets_and_clears_the_expiry(api):
    [memory] = api.add("I drink tea.")

    dated = api.put(f"/v1/memories/{memory}/", {"expiration_date": "2020-01-31"}).json()
    hidden = api.texts()
    cleared = api.put(f"/v1/memories/{memory}/", {"expiration_date": None}).json()

    assert (dated["expiration_date"], hidden) == ("2020-01-31", [])
    assert (cleared["expiration_date"], api.texts()) == (None, ["I drink tea."])


@pytest.mark.parametrize("moment", [1_683_554_160, 1_683_554_160.0, "2023-05-08T13:56:00Z"])
def test_it_sets_the_time(api, moment):
    [memory] = api.add("I drink tea.")

    answer = api.put(f"/v1/memories/{memory}/", {"timestamp": moment})

    assert answer.status_code == 200
    assert answer.json()["created_at"].startswith("2023-05-08T13:56:00")


def test_it_refuses_an_immutable_memory(api):
    [memory] = api.add("I drink tea.", immutable=True)

    answer = api.put(f"/v1/memories/{memory}/", {"text": "I drink coffee."})

    assert answer.status_code == 409
    assert api.texts() == ["I drink tea."]


def test_a_deleted_memory_cannot_be_updated(api):
    [memory] = api.add("I drink tea.")
    api.delete(f"/v1/memories/{memory}/")

    assert api.put(f"/v1/memories/{memory}/", {"text": "Back."}).status_code == 404
    assert api.texts() == []
