"""Wrong input is answered in JSON that names the field, and stores nothing."""

import pytest

ADD, LIST, SEARCH = "/v3/memories/add/", "/v3/memories/", "/v3/memories/search/"
TEA = {"role": "user", "content": "tea"}
UNKNOWN = "0192f0c1-2a3b-7c4d-8e5f-0123456789ab"


def refusal(answer):
    body = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert body["detail"] == body["error"] != ""
    return answer.status_code, body.get("field")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user_id": "ada"}, "messages"),
        ({"messages": [], "user_id": "ada"}, "messages"),
        ({"messages": "tea", "user_id": "ada"}, "messages"),
        ({"messages": ["tea"], "user_id": "ada"}, "messages"),
        ({"messages": [{"role": "user"}], "user_id": "ada"}, "messages"),
        ({"messages": [{"role": "user", "content": 7}], "user_id": "ada"}, "messages"),
        ({"messages": [{"role": "user", "content": ""}], "user_id": "ada"}, "messages"),
        ({"messages": [{"role": "user", "content": "  "}], "user_id": "ada"}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}], "user_id": "ada"}, "messages"),
        ({"messages": [{"content": "x"}], "user_id": "ada"}, "messages"),
        ({"messages": [TEA | {"name": 7}], "user_id": "ada"}, "messages"),
        ({"messages": [TEA]}, "user_id"),
        ({"messages": [TEA], "user_id": ""}, "user_id"),
        ({"messages": [TEA], "user_id": None}, "user_id"),
        ({"messages": [TEA], "user_id": 7}, "user_id"),
        ({"messages": [TEA], "user_id": ["ada"]}, "user_id"),
        ({"messages": [TEA], "user_id": "*"}, "user_id"),
        ({"messages": [TEA], "user_id": "a" * 5000}, "user_id"),
        ({"messages": [TEA], "user_id": "ada", "agent_id": 7}, "agent_id"),
        ({"messages": [TEA], "user_id": "ada", "filters": "x"}, "filters"),
        ({"messages": [TEA], "user_id": "ada", "filters": {"AND": []}}, "filters"),
        ({"messages": [TEA], "user_id": "ada", "metadata": "x"}, "metadata"),
        ({"messages": [TEA], "user_id": "ada", "metadata": ["x"]}, "metadata"),
        ({"messages": [TEA], "user_id": "ada", "infer": "maybe"}, "infer"),
        ({"messages": [TEA], "user_id": "ada", "expiration_date": "soon"}, "expiration_date"),
        ({"messages": [TEA], "user_id": "ada", "expiration_date": "2026-02-30"}, "expiration_date"),
        ({"messages": [TEA], "user_id": "ada", "timestamp": "soon"}, "timestamp"),
        ({"messages": [TEA], "user_id": "ada", "timestamp": 1e30}, "timestamp"),
        ({"messages": [TEA], "user_id": "ada", "timestamp": True}, "timestamp"),
        ({"messages": [TEA], "user_id": "ada", "immutable": "x"}, "immutable"),
        ({"messages": [TEA], "user_id": "ada", "custom_categories": ["x"]}, "custom_categories"),
    ],
)
def test_add_refuses(api, body, field):
    assert refusal(api.post(ADD, body)) == (400, field)
    assert api.texts() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filters": {"user_id": "ada"}}, "query"),
        ({"query": "", "filters": {"user_id": "ada"}}, "query"),
        ({"query": " \n ", "filters": {"user_id": "ada"}}, "query"),
        ({"query": 7, "filters": {"user_id": "ada"}}, "query"),
        ({"query": ["tea"], "filters": {"user_id": "ada"}}, "query"),
        ({"query": "tea"}, "filters"),
        ({"query": "tea", "filters": {}}, "filters"),
        ({"query": "tea", "filters": []}, "filters"),
        ({"query": "tea", "filters": "user_id"}, "filters"),
        ({"query": "tea", "user_id": "ada"}, "user_id"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "run_id": "r"}, "run_id"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "top_k": 0}, "top_k"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "top_k": 1001}, "top_k"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "top_k": "ten"}, "top_k"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "threshold": -0.1}, "threshold"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "threshold": 1.1}, "threshold"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "threshold": "x"}, "threshold"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "show_expired": "x"}, "show_expired"),
        ({"query": "tea", "filters": {"user_id": "ada"}, "reference_date": "x"}, "reference_date"),
    ],
)
def test_search_refuses(api, body, field):
    assert refusal(api.post(SEARCH, body)) == (400, field)


@pytest.mark.parametrize(
    ("query", "body", "field"),
    [
        ("", {}, "filters"),
        ("", {"filters": {}}, "filters"),
        ("", {"filters": {"user_id": "ada"}, "user_id": "ada"}, "user_id"),
        ("?page=0", {"filters": {"user_id": "ada"}}, "page"),
        ("?page=x", {"filters": {"user_id": "ada"}}, "page"),
        ("?page_size=0", {"filters": {"user_id": "ada"}}, "page_size"),
        ("?page_size=201", {"filters": {"user_id": "ada"}}, "page_size"),
        ("", {"filters": {"user_id": "ada"}, "page_size": 201}, "page_size"),
        ("", {"filters": {"user_id": "ada"}, "show_expired": "x"}, "show_expired"),
    ],
)
def test_list_refuses(api, query, body, field):
    assert refusal(api.post(LIST + query, body)) == (400, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": 7}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"metadata": "x"}, "metadata"),
        ({"timestamp": "soon"}, "timestamp"),
        ({"expiration_date": "soon"}, "expiration_date"),
        ({}, "text"),
    ],
)
def test_update_refuses(api, body, field):
    [memory] = api.add("I drink tea.")

    assert refusal(api.put(f"/v1/memories/{memory}/", body)) == (400, field)
    assert api.texts() == ["I drink tea."]


@pytest.mark.parametrize(
    "name", ["not-a-uuid", "123", "al%2Fice", f"{UNKNOWN}x", "%00", "%0A", "*"]
)
@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"text": "x"}),
        ("DELETE", "", None),
        ("GET", "history/", None),
    ],
)
def test_a_bad_memory_id_is_400(api, method, suffix, body, name):
    answer = api.send(method, f"/v1/memories/{name}/{suffix}", body)

    assert answer.status_code == 400
    assert answer.json() == {
        "detail": "memory_id should be a valid UUID",
        "error": "memory_id should be a valid UUID",
        "field": "memory_id",
    }


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"text": "x"}),
        ("DELETE", "", None),
        ("GET", "history/", None),
    ],
)
def test_an_unknown_memory_id_is_404(api, method, suffix, body):
    answer = api.send(method, f"/v1/memories/{UNKNOWN}/{suffix}", body)

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Memory not found!", "error": "Memory not found!"}


@pytest.mark.parametrize("path", [ADD, LIST, SEARCH])
@pytest.mark.parametrize(
    "raw",
    [b"tea", b"{", b"[]", b'"x"', b"null", b"7", b'{"a": NaN}', b"\xff\xfe", b"[" * 9999],
)
def test_a_body_that_is_no_json_object_is_400(api, path, raw):
    assert refusal(api.post(path, raw=raw)) == (400, "body")


@pytest.mark.parametrize("bad", ["a\\u0000b", "\\ud800", "x\\udfff"], ids=["nul", "high", "low"])
@pytest.mark.parametrize(
    ("path", "template", "field"),
    [
        (ADD, '{"messages": [{"role": "user", "content": "BAD"}], "user_id": "a"}', "messages"),
        (
            ADD,
            '{"messages": [{"role": "user", "content": "x", "name": "BAD"}], "user_id": "a"}',
            "messages",
        ),
        (ADD, '{"messages": [{"role": "user", "content": "x"}], "user_id": "BAD"}', "user_id"),
        (
            ADD,
            '{"messages": [{"role": "user", "content": "x"}], "user_id": "a", "metadata": {"k": "BAD"}}',
            "metadata",
        ),
        (
            ADD,
            '{"messages": [{"role": "user", "content": "x"}], "user_id": "a", "metadata": {"BAD": 1}}',
            "metadata",
        ),
        (SEARCH, '{"query": "BAD", "filters": {"user_id": "a"}}', "query"),
        (SEARCH, '{"query": "x", "filters": {"user_id": "BAD"}}', "filters"),
        (LIST, '{"filters": {"user_id": "BAD"}}', "filters"),
    ],
)
def test_text_that_cannot_be_stored_is_400(api, path, template, field, bad):
    answer = api.post(path, raw=template.replace("BAD", bad).encode())

    assert refusal(answer) == (400, field)
    assert api.texts() == []


def test_nul_bytes_in_a_query_string_are_400(api):
    api.add("I drink tea.")

    assert refusal(api.delete("/v1/memories/?user_id=a%00b")) == (400, "user_id")
    assert api.texts() == ["I drink tea."]


def test_ten_megabytes_of_text_are_413(api):
    body = {"messages": [TEA | {"content": "tea " * 2_621_440}], "user_id": "ada", "infer": False}

    status, _ = refusal(api.post(ADD, body))

    assert status == 413
    assert api.texts() == []


def test_the_longest_accepted_text_is_stored_whole(api):
    text = "tea and cake " * 1500

    [memory] = api.add(text.strip())

    assert api.get(f"/v1/memories/{memory}/").json()["memory"] == text.strip()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ADD), ("DELETE", ADD), ("GET", SEARCH), ("POST", "/v1/ping/"), ("PATCH", LIST)],
)
def test_another_method_is_405_in_json(api, method, path):
    status, _ = refusal(api.send(method, path))

    assert status == 405


@pytest.mark.parametrize("path", ["/v1/nothing/", "/v9/memories/", "/v3/memories/nothing/"])
def test_an_unknown_path_is_404_in_json(api, path):
    status, _ = refusal(api.get(path))

    assert status == 404


@pytest.mark.parametrize(
    ("path", "field"), [(ADD, "messages"), (LIST, "filters"), (SEARCH, "query")]
)
def test_no_body_at_all_names_what_is_missing(api, path, field):
    assert refusal(api.post(path, raw=b"")) == (400, field)
