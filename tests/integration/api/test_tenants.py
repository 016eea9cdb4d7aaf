"""Another tenant's rows are as if they were not: same status, same body as ids never made."""

import uuid

import pytest

RANDOM = str(uuid.UUID("0192f0c1-2a3b-7c4d-8e5f-0123456789ab"))


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("GET", "history/", None),
        ("PUT", "", {"text": "taken over"}),
        ("PUT", "", {"text": ""}),
        ("DELETE", "", None),
        ("DELETE", "?delete_linked=true", None),
    ],
)
def test_an_id_of_another_tenant_is_an_unknown_id(api, other_api, method, suffix, body):
    [theirs] = other_api.add("their secret canary")

    answers = [api.send(method, f"/v1/memories/{each}/{suffix}", body) for each in (theirs, RANDOM)]

    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content
    assert headers(answers[0]) == headers(answers[1])
    assert other_api.texts() == ["their secret canary"]


def headers(answer):
    return {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}


def test_the_same_user_id_is_somebody_else(api, other_api):
    api.add("ours", user_id="ada")
    other_api.add("theirs", user_id="ada")

    assert api.texts({"user_id": "ada"}) == api.hits("theirs") == ["ours"]
    assert other_api.texts({"user_id": "ada"}) == other_api.hits("ours") == ["theirs"]


def test_a_wildcard_ends_at_the_tenant(api, other_api):
    api.add("ours")
    other_api.add("theirs")

    assert api.texts({"user_id": "*"}) == ["ours"]
    assert api.hits("theirs", {"user_id": "*"}) == ["ours"]
    assert [row["name"] for row in api.get("/v1/entities/").json()["results"]] == ["ada"]


def test_deleting_everything_ends_at_the_tenant(api, other_api):
    api.add("ours")
    other_api.add("theirs")

    api.delete("/v1/memories/?user_id=*&agent_id=*&app_id=*&run_id=*")

    assert api.texts() == []
    assert other_api.texts() == ["theirs"]


def test_scores_do_not_depend_on_other_tenants(api, other_api):
    api.add("I play the xylophone.", "Our dog is called Biscuit.")
    before = api.search("the xylophone", explain=True).json()

    other_api.add(*(f"The xylophone number {n}." for n in range(20)))

    assert api.search("the xylophone", explain=True).json() == before


def test_a_repeat_of_another_tenants_words_is_no_repeat(api, other_api):
    [theirs] = other_api.add("I drink tea.")

    [ours] = api.add("I drink tea.")

    assert ours != theirs


@pytest.mark.parametrize("where", ["query", "body"])
def test_naming_another_project_does_not_widen_the_key(api, other_api, other_tenant, where):
    other_api.add("theirs")
    named = {"org_id": str(other_tenant.id), "project_id": str(other_tenant.id)}

    if where == "query":
        query = "?" + "&".join(f"{key}={value}" for key, value in named.items())
        answer = api.page({"user_id": "*"}, query)
    else:
        answer = api.page({"user_id": "*"}, **named)

    assert answer.json()["results"] == []
