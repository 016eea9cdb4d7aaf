"""A tenant that forbids hosts outside: no text of it reaches one, whatever is asked."""

import pytest

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.errors import Forbidden, Unavailable
from apps.isolation.scope import tenant_scope
from apps.memories import outside
from apps.memories.domain.memories import add_memories
from apps.memories.domain.trying import try_extraction
from apps.memories.domain.vectors import embed_query, embed_texts
from apps.memories.embedders import substitute_embedder
from apps.memories.embedders.openai import OpenAIEmbedder
from apps.memories.outside import is_outside
from apps.tenants.domain.tenants import choose_outside_hosts
from tests.support import chat, jobs
from tests.support.kernel import make_new


@pytest.fixture
def host(monkeypatch):
    """A host on loopback that counts as one outside."""
    monkeypatch.setattr(outside, "is_outside", lambda _: True)
    with chat.chat_host() as host:
        yield host


@pytest.fixture
def model(settings, host):
    with jobs.extractor(settings, "openai", EXTRACTION_MODEL="tiny", OPENAI_BASE_URL=host.url):
        yield host


@pytest.fixture
def embedder(host):
    with substitute_embedder(
        OpenAIEmbedder(model="m", dimensions=3, api_key="", base_url=host.url)
    ):
        yield host


def forbid(tenant):
    choose_outside_hosts(tenant=tenant, is_forbidden=True, by=SYSTEM)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("http://93.184.216.34/v1", True),
        ("http://localhost.example.org/v1", True),
        ("http://localhost:8123/v1", False),
        ("http://127.0.0.1:8123/v1", False),
        ("http://10.1.2.3/v1", False),
        ("http://[::1]:8123/v1", False),
        ("http://ollama:11434/v1", False),
    ],
)
def test_what_is_outside(url, expected):
    assert is_outside(url) is expected


def test_nothing_is_sent_to_an_embedding_host(tenant, embedder):
    forbid(tenant)

    for send in (
        lambda: embed_texts(["I drink tea."], [], tenant_id=tenant.id),
        lambda: embed_query("Who drinks tea?", tenant_id=tenant.id),
        lambda: add_memories(tenant_id=tenant.id, new=make_new("I drink tea."), by=SYSTEM),
    ):
        with pytest.raises(Forbidden, match="forbids hosts outside"):
            send()
    assert embedder.requests == []


def test_job_fails_at_once_and_sends_nothing(tenant, model):
    forbid(tenant)

    job = jobs.infer(tenant, "I drink tea.")

    assert (job.state, job.error, model.requests) == ("FAILED", "outside", [])


def test_job_whose_statements_cannot_be_embedded_fails_at_once(tenant, settings, embedder):
    forbid(tenant)
    with jobs.extractor(settings):
        job = jobs.infer(tenant, "I drink tea.")

    assert (job.state, job.error, embedder.requests) == ("FAILED", "outside", [])


def test_trial_sends_nothing(tenant, model):
    forbid(tenant)

    with pytest.raises(Unavailable, match="forbids hosts outside"):
        try_extraction(tenant_id=tenant.id, text="I drink tea.")
    assert model.requests == []


def test_other_tenants_are_not_touched(tenant, other_tenant, model):
    forbid(other_tenant)
    model.otherwise = chat.say(chat.statement("I drink tea."))

    job = jobs.infer(tenant, "I drink tea.")

    assert (job.state, len(model.requests)) == ("SUCCEEDED", 1)


def test_choice_is_audited_and_can_be_taken_back(tenant, model):
    model.otherwise = chat.say(chat.statement("I drink tea."))
    forbid(tenant)
    choose_outside_hosts(tenant=tenant, is_forbidden=False, by=SYSTEM)

    assert jobs.infer(tenant, "I drink tea.").state == "SUCCEEDED"
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action="tenant.hosts").order_by("id")
        assert [event.facts for event in events] == [{"forbidden": True}, {"forbidden": False}]
