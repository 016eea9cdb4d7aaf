"""DELETE /v1/memories/{id}/"""


def test_it_works(api):
    tea, _ = api.add("I drink tea.", "I eat cake.")

    answer = api.delete(f"/v1/memories/{tea}/")

    assert answer.status_code == 200
    assert answer.json() == {"message": "Memory deleted successfully!"}
    assert api.texts() == ["I eat cake."]
    assert api.hits("tea") == ["I eat cake."]


def test_with_linked_it_counts_them(api):
    [tea] = api.add("I drink tea.")

    answer = api.delete(f"/v1/memories/{tea}/?delete_linked=true")

    assert answer.json() == {"message": "Memory deleted successfully!", "cascade_count": 0}


def test_a_second_time_it_is_404(api):
    [tea] = api.add("I drink tea.")
    api.delete(f"/v1/memories/{tea}/")

    assert api.delete(f"/v1/memories/{tea}/").status_code == 404


def test_its_history_keeps_events_without_text(api):
    [tea] = api.add("I drink tea.", metadata={"cup": "blue"})
    api.put(f"/v1/memories/{tea}/", {"text": "I drink coffee."})

    api.delete(f"/v1/memories/{tea}/")

    answer = api.get(f"/v1/memories/{tea}/history/")
    assert [entry["event"] for entry in answer.json()] == ["ADD", "UPDATE", "DELETE"]
    for word in ("tea", "coffee", "cup", "blue"):
        assert word not in answer.content.decode()
