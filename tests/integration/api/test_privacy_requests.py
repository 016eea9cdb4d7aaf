"""Requests of people over the API: opening, reading, downloading, and what a person may not do."""

import io
import json
import zipfile
from uuid import UUID

import pytest

from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.work import run_request
from apps.tenants.enums import ApiScope
from tests.integration.conftest import Api

PATH = "/api/v1/privacy/requests/"
KINDS = ("access", "portability", "erasure", "restriction", "objection")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path


@pytest.fixture
def officer(make_key):
    return Api(make_key(scopes=[ApiScope.PRIVACY]))


@pytest.fixture
def ask(officer):
    def ask(kind="access", status=201, headers=None, **fields):
        body = {"kind": kind, "user_id": "ada"} | fields
        body = {name: value for name, value in body.items() if value is not None}
        answer = officer.send("POST", PATH, body, **(headers or {}))
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


@pytest.fixture
def work(tenant, officer):
    """Do what a worker would do; answers the request as the API shows it."""

    def work(request):
        while run_request(tenant_id=tenant.id, request_id=UUID(request["id"]), by=SYSTEM):
            pass
        return officer.get(f"{PATH}{request['id']}/").json()

    return work


def test_request_is_opened_and_listed(officer, ask, api):
    api.add("Ada drinks tea")

    opened = ask("access", reference="BK-1")

    assert opened.keys() == {
        "id",
        "kind",
        "status",
        "reference",
        "lift",
        "received_at",
        "due_at",
        "created_at",
        "started_at",
        "ended_at",
        "refusal",
        "failure",
        "progress",
    }
    assert (opened["kind"], opened["status"], opened["reference"]) == ("access", "running", "BK-1")
    page = officer.get(PATH).json()
    assert (page["count"], page["next"], page["results"]) == (1, None, [opened])
    assert officer.get(f"{PATH}{opened['id']}/").json() == opened


def test_copy_is_downloaded_when_it_is_done(officer, ask, work, api):
    api.add("Ada drinks tea")
    opened = ask("access")
    path = f"{PATH}{opened['id']}/download/"
    assert officer.get(path).status_code == 404

    done = work(opened)
    answer = officer.get(path)

    assert (done["status"], done["progress"]["done"]) == ("done", done["progress"]["total"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Cache-Control"] == "no-store"
    raw = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(raw))
    package = zipfile.ZipFile(io.BytesIO(raw))
    document = json.loads(package.read("copy.json"))
    assert [row["text"] for row in document["tables"]["memories.Memory"]] == ["Ada drinks tea"]


def test_restriction_hides_and_its_lift_shows_again(ask, work, api):
    [memory_id] = api.add("Ada drinks tea")
    api.add("Bob drinks tea", user_id="bob")

    assert work(ask("restriction"))["status"] == "done"
    assert api.texts() == ["Bob drinks tea"]
    assert api.hits("Who drinks tea?", {"user_id": "*"}) == ["Bob drinks tea"]
    for method, body in (("GET", None), ("PUT", {"text": "no"})):
        answer = api.send(method, f"/v1/memories/{memory_id}/", body)
        assert (answer.status_code, answer.json().keys()) == (403, {"detail", "error"})
    assert api.delete(f"/v1/memories/{memory_id}/").status_code == 409
    assert api.get(f"/v1/memories/{memory_id}/history/").status_code == 403
    assert api.delete("/v1/memories/?user_id=ada").status_code == 409

    assert work(ask("restriction", lift=True))["status"] == "done"
    assert sorted(api.texts()) == ["Ada drinks tea", "Bob drinks tea"]


def test_objection_stops_new_writes(ask, work, api):
    [memory_id] = api.add("Ada drinks tea")

    work(ask("objection"))

    body = {"messages": [{"role": "user", "content": "More"}], "user_id": "ada", "infer": False}
    answer = api.post("/v3/memories/add/", body)
    assert (answer.status_code, answer.json().keys()) == (409, {"detail", "error"})
    assert api.put(f"/v1/memories/{memory_id}/", {"text": "More"}).status_code == 409
    assert api.texts() == ["Ada drinks tea"]
    work(ask("objection", lift=True))
    assert api.post("/v3/memories/add/", body).status_code == 200


def test_rectification_supersedes_and_keeps_what_was(ask, work, api):
    [memory_id] = api.add("Ada drinks tea", immutable=True)

    done = work(
        ask("rectification", corrections=[{"memory_id": memory_id, "text": "Ada drinks coffee"}])
    )

    assert (done["status"], done["progress"]["total"]) == ("done", 1)
    assert api.hits("coffee") == ["Ada drinks coffee"]
    history = api.get(f"/v1/memories/{memory_id}/history/").json()
    assert [(one["event"], one["new_memory"]) for one in history] == [
        ("ADD", "Ada drinks tea"),
        ("UPDATE", "Ada drinks coffee"),
    ]


def test_rectification_of_who_objected_and_is_restricted(ask, work, api):
    [memory_id] = api.add("Ada drinks tea")
    work(ask("objection"))
    work(ask("restriction"))

    done = work(ask("rectification", corrections=[{"memory_id": memory_id, "text": "Right"}]))

    work(ask("restriction", lift=True))
    assert (done["status"], api.texts()) == ("done", ["Right"])


def test_correction_is_of_an_own_memory(ask, api):
    [bobs] = api.add("Bob drinks tea", user_id="bob")
    api.add("Ada drinks tea")

    ask("rectification", 400, corrections=[{"memory_id": bobs, "text": "No"}])
    ask("rectification", 404, corrections=[{"memory_id": str(uuid7()), "text": "No"}])

    assert sorted(api.texts()) == ["Ada drinks tea", "Bob drinks tea"]


@pytest.mark.parametrize("kind", KINDS)
def test_request_about_an_unknown_person_is_answered(ask, kind):
    assert ask(kind, user_id="nobody")["status"] == "running"


def test_same_reference_and_key_answer_the_same_request(officer, ask, api):
    api.add("Ada drinks tea")
    key = {"HTTP_IDEMPOTENCY_KEY": "K1"}

    first, again = ask("access", reference="R1"), ask("access", reference="R1")
    other, repeated = ask("objection", headers=key), ask("objection", headers=key)

    assert (first["id"], other["id"]) == (again["id"], repeated["id"])
    assert officer.get(PATH).json()["count"] == 2
    ask("erasure", 409, reference="R1")
    ask("portability", 409, headers=key)


def test_open_request_for_the_same_is_refused(ask, api):
    api.add("Ada drinks tea")
    ask("access")

    assert "is open" in ask("access", 409)["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": None}, "kind"),
        ({"kind": "forget"}, "kind"),
        ({"kind": ["erasure"]}, "kind"),
        ({"user_id": None}, "user_id"),
        ({"agent_id": "bot"}, "user_id"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": {"eq": "ada"}}, "user_id"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 201}, "reference"),
        ({"lift": "perhaps"}, "lift"),
        ({"lift": True}, "lift"),
        ({"kind": "rectification"}, "corrections"),
        ({"corrections": [{"memory_id": "x", "text": "y"}]}, "corrections"),
        ({"corrections": [1]}, "corrections"),
        ({"corrections": "all"}, "corrections"),
    ],
)
def test_wrong_input_is_named(ask, body, field):
    assert ask(**{"status": 400} | body)["field"] == field


def test_key_needs_the_scope(api, ask):
    opened = ask("access")

    for method, path in (
        ("POST", PATH),
        ("GET", PATH),
        ("GET", f"{PATH}{opened['id']}/"),
        ("GET", f"{PATH}{opened['id']}/download/"),
        ("GET", f"{PATH}{opened['id']}/certificate/"),
    ):
        assert api.send(method, path, {} if method == "POST" else None).status_code == 403


@pytest.mark.parametrize("part", ["", "download/", "certificate/"])
def test_request_of_another_tenant_is_not_found(officer, ask, make_key, other_tenant, part):
    opened = ask("access")
    theirs = Api(make_key(tenant=other_tenant, scopes=[ApiScope.PRIVACY]))

    answers = [theirs.get(f"{PATH}{one}/{part}") for one in (opened["id"], uuid7())]

    assert {answer.status_code for answer in answers} == {404}
    assert theirs.get(f"{PATH}x/{part}").status_code == 404
    assert len({answer.content for answer in answers}) == 1


def test_hold_blocks_an_erasure(ask, tenant, api):
    from apps.privacy.domain.handling import hold_subject

    api.add("Ada drinks tea")
    with tenant_scope(tenant.id):
        [ada] = find_entities([("user", "ada")]).values()
    hold_subject(tenant_id=tenant.id, entity_id=ada.id, by=SYSTEM)

    assert ask("erasure")["status"] == "blocked_by_hold"
    assert api.texts() == ["Ada drinks tea"]
