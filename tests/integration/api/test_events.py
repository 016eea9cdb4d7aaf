"""GET /v1/event/{id}/, GET /v1/events/, and adds that make jobs."""

import uuid

import pytest

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.running import run_chunk
from apps.memories.models import Job
from tests.support import jobs

ADD = "/v3/memories/add/"


@pytest.fixture(autouse=True)
def rules(settings):
    with jobs.extractor(settings):
        yield


@pytest.fixture
def send(api):
    def send(*texts, headers=None, **fields):
        messages = [{"role": "user", "content": text} for text in texts]
        body = {"messages": messages, "user_id": "ada"} | fields
        more = {
            f"HTTP_{name.upper().replace('-', '_')}": each for name, each in (headers or {}).items()
        }
        return api.send("POST", ADD, body, **more)

    return send


@pytest.fixture
def work(tenant):
    def work(answer):
        job_id = uuid.UUID(answer.json()["event_id"])
        while run_chunk(tenant_id=tenant.id, job_id=job_id, by=SYSTEM):
            pass

    return work


def event(api, answer):
    return api.get(f"/v1/event/{answer.json()['event_id']}/").json()


def test_add_is_accepted_and_the_event_tells_how_it_ended(api, send, work):
    answer = send("I drink tea.", "How are you?", agent_id="helper", metadata={"a": 1})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "The messages were accepted: memories are being made of them",
        "status": "PENDING",
        "event_id": answer.json()["event_id"],
    }
    pending = event(api, answer)
    assert (pending["status"], pending["results"], pending["started_at"]) == ("PENDING", [], None)
    assert api.texts() == []

    work(answer)

    found = event(api, answer)
    [line] = found["results"]
    assert found == {
        "id": answer.json()["event_id"],
        "event_type": "ADD",
        "status": "SUCCEEDED",
        "payload": {
            "user_id": "ada",
            "agent_id": "helper",
            "app_id": None,
            "run_id": None,
            "messages": 2,
            "done": 2,
        },
        "metadata": {"a": 1},
        "results": [
            {
                "id": line["id"],
                "data": {"memory": "I drink tea."},
                "event": "ADD",
                "reason": "new",
                "reason_text": "Nothing known says it.",
                "replaced": [],
            }
        ],
        "created_at": pending["created_at"],
        "updated_at": found["updated_at"],
        "started_at": found["started_at"],
        "completed_at": found["completed_at"],
        "latency": found["latency"],
        "error": None,
        "error_code": None,
        "graph_status": None,
    }
    assert found["latency"] > 0
    assert api.texts() == ["I drink tea."]


def test_contradiction_supersedes_and_history_shows_both(api, send, work):
    work(send("My favorite color is blue."))
    work(send("My favorite color is green.", run_id="r2"))

    assert api.texts() == ["My favorite color is green."]
    assert api.hits("favorite color") == ["My favorite color is green."]
    [green] = [row["id"] for row in api.page({"user_id": "ada"}).json()["results"]]
    told = api.get(f"/v1/memories/{green}/history/").json()
    assert [(row["event"], row["old_memory"], row["new_memory"]) for row in told] == [
        ("ADD", None, "My favorite color is blue."),
        ("ADD", "My favorite color is blue.", "My favorite color is green."),
    ]
    blue = told[0]["memory_id"]
    old = api.get(f"/v1/memories/{blue}/").json()
    assert (old["replaced_by"], old["lifecycle_state"]) == (green, "superseded")
    assert api.put(f"/v1/memories/{blue}/", {"text": "No."}).status_code == 409
    assert api.delete(f"/v1/memories/{blue}/").status_code == 200


def test_what_was_superseded_can_become_true_again(api, send, work):
    for city in ("Oslo", "Rome", "Oslo"):
        work(send(f"I live in {city}."))

    [row] = api.page({"user_id": "ada"}).json()["results"]
    told = api.get(f"/v1/memories/{row['id']}/history/").json()
    assert row["memory"] == "I live in Oslo."
    assert [each["new_memory"] for each in told] == [
        f"I live in {c}." for c in ("Oslo", "Rome", "Oslo")
    ]


def test_repeats_are_ignored_with_a_reason(api, send, work):
    work(send("I drink tea."))
    again = send("I drink tea.", "I really drink TEA!")
    work(again)

    lines = event(api, again)["results"]

    assert [(line["event"], line["reason"]) for line in lines] == [
        ("NOOP", "same-text"),
        ("NOOP", "same-words"),
    ]
    assert api.texts() == ["I drink tea."]


def test_immutable_memory_stays(api, send, work):
    work(send("I live in Oslo.", immutable=True))
    moved = send("I live in Rome.")
    work(moved)

    assert event(api, moved)["results"][0]["reason"] == "protected"
    assert sorted(api.texts()) == ["I live in Oslo.", "I live in Rome."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"user_id": "ada"}, {"user_id": "bob"}),
        ({"user_id": "ada"}, {"user_id": "ada", "agent_id": "helper"}),
        ({"user_id": "ada", "agent_id": "helper"}, {"user_id": None, "agent_id": "helper"}),
        ({"user_id": None, "run_id": "r1"}, {"user_id": None, "run_id": "r2"}),
    ],
)
def test_nothing_of_other_entities_is_superseded(api, send, work, first, second):
    work(send("I live in Oslo.", **first))
    work(send("I live in Rome.", **second))

    kinds = ("user_id", "agent_id", "run_id")
    assert sorted(api.texts({"OR": [{kind: "*"} for kind in kinds]})) == [
        "I live in Oslo.",
        "I live in Rome.",
    ]


def test_caller_can_wait_for_the_results(api, send):
    first = send("I live in Oslo.")

    answer = send("I drink tea.", async_mode=False)

    assert answer.json()["status"] == "SUCCEEDED"
    assert [(line["event"], line["data"]) for line in answer.json()["results"]] == [
        ("ADD", {"memory": "I drink tea."})
    ]
    assert event(api, first)["status"] == "SUCCEEDED"  # it came before, so it was run before


def test_caller_who_waits_in_vain_is_told_so(api, send, settings):
    settings.SYNC_SECONDS = 0

    answer = send("I drink tea.", async_mode=False)

    assert answer.status_code == 200
    assert answer.json() == {
        "message": "The job is not done yet: ask for it by its event_id",
        "status": "PENDING",
        "event_id": answer.json()["event_id"],
    }


def test_failed_job_says_why(api, send, work, settings):
    settings.JOB_TRIES = 0
    answer = send("I drink tea.")
    work(answer)

    found = event(api, answer)

    assert (found["status"], found["error_code"], found["error"]) == (
        "FAILED",
        "worker-lost",
        "The workers that ran it were lost, again and again.",
    )


def test_verbatim_is_still_verbatim(api, send):
    answer = send("Do I drink tea?", infer=False)

    assert answer.json()["status"] == "SUCCEEDED"
    assert api.texts() == ["Do I drink tea?"]


def test_event_of_an_add_that_was_answered_at_once_has_succeeded(api, other_api, send):
    answer = send("I drink tea.", "I swim.", infer=False)

    found = event(api, answer)

    assert (found["status"], found["payload"]["messages"], found["error"]) == ("SUCCEEDED", 2, None)
    path = f"/v1/event/{answer.json()['event_id']}/"
    assert other_api.get(path).status_code == 404


def test_same_key_and_body_is_the_same_event(api, send, work):
    first = send("I drink tea.", headers={"Idempotency-Key": "k"})
    work(first)
    again = send("I drink tea.", headers={"Idempotency-Key": "k"})

    assert again.json() == first.json()
    refused = send("I swim.", headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["field"]) == (409, "Idempotency-Key")
    assert api.texts() == ["I drink tea."]


def test_same_key_of_a_verbatim_add_answers_the_same(api, send):
    first = send("I drink tea.", infer=False, headers={"Idempotency-Key": "k"})
    again = send("I drink tea.", infer=False, headers={"Idempotency-Key": "k"})

    assert again.json() == first.json()
    assert event(api, first)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("key", ["", "   ", "x" * 257])
def test_key_must_be_one(send, key):
    answer = send("I drink tea.", headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")


def test_list_shows_jobs_newest_first(api, send, work, other_api):
    answers = [send(f"I have {n} cats.") for n in range(3)]
    work(answers[0])

    page = api.get("/v1/events/?page_size=2").json()

    ids = [answer.json()["event_id"] for answer in answers]
    assert (page["count"], [row["id"] for row in page["results"]]) == (3, [ids[2], ids[1]])
    assert [row["status"] for row in page["results"]] == ["PENDING", "PENDING"]
    [last] = api.get("/v1/events/?page_size=2&page=2").json()["results"]
    assert last["results"][0]["data"] == {"memory": "I have 0 cats."}
    assert other_api.get("/v1/events/").json()["results"] == []


def test_event_is_unknown(api, other_api, send):
    answer = send("I drink tea.")
    path = f"/v1/event/{answer.json()['event_id']}/"

    for asked in (other_api.get(path), api.get(f"/v1/event/{uuid.uuid4()}/")):
        assert asked.status_code == 404
        assert asked.json()["detail"] == (
            "Event not found or you don't have permission to access it."
        )
    assert api.get("/v1/event/nonsense/").status_code == 400


def test_deleted_memory_has_no_text_in_the_event(api, send, work):
    answer = send("I drink tea.")
    work(answer)
    api.delete("/v1/memories/?user_id=ada")

    [line] = event(api, answer)["results"]

    assert line["data"] == {"memory": None}


def test_wishes_of_the_application_are_followed(api, send, work):
    work(
        send(
            "It rained all day. I drink tea. I drink coffee.",
            custom_categories=[{"weather": "rain and snow"}, {"drinks": ""}],
            excludes="coffee",
        )
    )

    found = api.page({"user_id": "ada"}).json()["results"]
    assert sorted((row["memory"], row["categories"]) for row in found) == [
        ("I drink tea.", ["drinks"]),
        ("It rained all day.", ["weather"]),
    ]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ({"user_id": "ada"}, "for users"),
        ({"user_id": "ada", "agent_id": "helper"}, "for users"),
        ({"user_id": None, "agent_id": "helper"}, "for agents"),
    ],
)
def test_instructions_are_those_for_whose_conversation_it_is(send, tenant, ids, expected):
    asked = {"custom_instructions": "for users", "agent_custom_instructions": "for agents"}
    answer = send("I drink tea.", **asked, **ids)

    with tenant_scope(tenant.id):
        job = Job.objects.get(id=answer.json()["event_id"])
        assert job.request["instructions"] == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("custom_instructions", "x" * 5_001),
        ("custom_instructions", 7),
        ("includes", ["tea"]),
        ("excludes", "a\0b"),
        ("custom_categories", ["tea"]),
        ("custom_categories", [{"tea": 7}]),
        ("custom_categories", [{f"name {n}": "x" * 60} for n in range(100)]),
        ("timezone", "Mars/Base"),
        ("async_mode", "perhaps"),
    ],
)
def test_wishes_must_be_readable(api, send, field, value):
    answer = send("I drink tea.", **{field: value})

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert api.get("/v1/events/").json()["count"] == 0
