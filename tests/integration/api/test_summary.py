"""POST /v1/summary/: a job at first, then its text."""

import pytest

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.running import run_chunk
from apps.memories.domain.webhooks import WebhookValues, create_webhook
from apps.memories.enums import WebhookEvent
from apps.memories.models import Delivery, Job
from apps.tenants.domain.tenants import audit_api_reads, choose_outside_hosts
from apps.tenants.enums import ReadAudit
from tests.support import chat, jobs

ADA = {"filters": {"user_id": "ada"}}
TEXT = "Ada drinks tea."


@pytest.fixture
def host(settings):
    with chat.chat_host() as host:
        host.otherwise = chat.write(f"<think>Hm.</think>\n{TEXT}\n")
        more = {"EXTRACTION_MODEL": "tiny", "OPENAI_BASE_URL": host.url}
        with jobs.extractor(settings, "openai", **more):
            yield host


def ask(api, body=ADA):
    answer = api.post("/v1/summary/", body)
    assert answer.status_code == 200, answer.content
    [row] = answer.json()
    return row


def work(tenant):
    with tenant_scope(tenant.id):
        [job_id] = Job.objects.values_list("id", flat=True)
    assert run_chunk(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)


def test_the_text_comes_once_the_job_has_succeeded(api, other_api, tenant, host):
    api.add("I drink tea.")
    every = WebhookValues("all", "https://hooks.invalid/", tuple(WebhookEvent), is_active=True)
    create_webhook(tenant_id=tenant.id, values=every, by=SYSTEM)

    pending = ask(api)
    assert pending == {
        "id": pending["id"],
        "event_id": pending["id"],
        "status": "PENDING",
        "summary": None,
        "memories": None,
        "created_at": pending["created_at"],
        "updated_at": pending["created_at"],
    }
    assert ask(api) == pending
    work(tenant)
    done = ask(api)
    event = api.get(f"/v1/event/{done['event_id']}/").json()

    assert done == pending | {
        "status": "SUCCEEDED",
        "summary": TEXT,
        "memories": 1,
        "updated_at": done["updated_at"],
    }
    assert (event["event_type"], event["status"], event["results"], event["error"]) == (
        "SUMMARY", "SUCCEEDED", [], None,
    )  # fmt: skip
    assert TEXT not in str(event)
    assert api.get("/v1/events/").json()["results"] == [event]
    assert other_api.post("/v1/summary/", ADA).status_code == 404
    assert other_api.get(f"/v1/event/{done['event_id']}/").status_code == 404
    with tenant_scope(tenant.id):
        assert list(Delivery.objects.all()) == []


def test_reading_a_summary_is_recorded_as_a_reading_of_its_memories(api, tenant, host):
    api.add("I drink tea.", "I sail.")
    audit_api_reads(tenant=tenant, which=ReadAudit.ALL, by=SYSTEM)
    ask(api)
    work(tenant)

    ask(api)

    with tenant_scope(tenant.id):
        [event] = AuditEvent.objects.filter(action="memory.read")
    assert event.facts == {"count": 2}


def test_a_summary_needs_a_model(api, settings):
    for extractor in ("verbatim", "rules"):
        settings.EXTRACTOR = extractor

        answer = api.post("/v1/summary/", ADA)

        assert (answer.status_code, answer.json()["detail"]) == (
            400,
            "Summaries are written by a language model, and none is configured.",
        )


def test_what_is_asked_for_stands_in_the_filter_and_is_one_entity(api, host):
    api.add("I drink tea.")

    for body in ({"filters": {"user_id": "*"}}, {}, {"filters": {"OR": [{"user_id": "ada"}] * 2}}):
        answer = api.post("/v1/summary/", body)
        assert (answer.status_code, answer.json()["field"]) == (400, "filters")
    beside = api.post("/v1/summary/", ADA | {"categories": ["food"]})
    assert (beside.status_code, beside.json()["field"]) == (400, "categories")
    assert api.post("/v1/summary/", {"filters": {"user_id": "nobody"}}).status_code == 404


def test_the_host_is_not_asked_for_a_tenant_that_forbids_it(api, tenant, host, settings):
    settings.OPENAI_BASE_URL = "https://model.example/v1"
    choose_outside_hosts(tenant=tenant, is_forbidden=True, by=SYSTEM)
    api.add("I drink tea.")
    event_id = ask(api)["event_id"]

    work(tenant)

    assert api.get(f"/v1/event/{event_id}/").json()["error_code"] == "outside"
    assert host.requests == []
