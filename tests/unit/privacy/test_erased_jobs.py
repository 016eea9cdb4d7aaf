"""An erasure and what extraction keeps: jobs, their messages, sources, what was superseded."""

import pytest

from apps.common.errors import DomainError, Forbidden
from apps.isolation.scope import tenant_scope
from apps.memories.domain.exports import Wish, request_export
from apps.memories.domain.feedback import give_feedback
from apps.memories.domain.flags import set_flag
from apps.memories.domain.leases import LeaseLost, renew_lease, take_job
from apps.memories.domain.summaries import request_summary, write_summary
from apps.memories.domain.values import Repeat
from apps.memories.enums import EntityFlag, FeedbackVerdict
from apps.memories.extractors import ExtractorError
from apps.memories.jobs import read_job, read_jobs
from apps.memories.models import Feedback, Job, Memory, MemoryExport, Message, Source, Version
from apps.memories.queries.entities import find_entities
from apps.privacy.domain import erasure
from apps.privacy.domain.certificates import get_certificate
from tests.support import chat
from tests.support.jobs import accept, current, due, extractor, finish, infer, verdicts
from tests.support.kernel import SYSTEM
from tests.unit.privacy.subjects import KEY, ask, run

ROWS = (Job, Message, Source, Memory, Feedback, MemoryExport)


@pytest.fixture
def tenant(committed_tenant):
    return committed_tenant


@pytest.fixture(autouse=True)
def rules(settings):
    with extractor(settings):
        yield


def erase(tenant, name, subject="user"):
    request = run(tenant, ask(tenant, name=name, subject=subject, via="api", by=KEY))
    assert request.state == "done", request.failure
    with tenant_scope(tenant.id):
        tables = get_certificate(request.id).document["tables"]
    return {
        row["table"].rpartition(".")[2]: (row["found"], row["shredded"], row["deleted_only"])
        for row in tables
        if row["found"] or row["shredded"] or row["deleted_only"]
    }


def counts(tenant):
    with tenant_scope(tenant.id):
        return {model.__name__: model.objects.count() for model in ROWS}


def only_memory(tenant, **condition):
    with tenant_scope(tenant.id):
        return Memory.objects.current().get(**condition)


def like(tenant, memory_id):
    give_feedback(
        tenant_id=tenant.id,
        memory_id=memory_id,
        verdict=FeedbackVerdict.NEGATIVE,
        reason="untrue",
        by=SYSTEM,
    )


def wish(tenant, *names):
    schema = {"type": "object", "properties": {"town": {"type": "string"}}}
    made = Wish(schema, {"OR": [{"user_id": name} for name in names]})
    request_export(tenant_id=tenant.id, wish=made, by=SYSTEM)


@pytest.mark.parametrize("chunk", [1, 1_000])
def test_all_that_extraction_keeps_goes(tenant, monkeypatch, chunk):
    monkeypatch.setattr(erasure, "CHUNK", chunk)
    assert verdicts(infer(tenant, "I live in Rome.", repeat=Repeat("k", b"b"))) == ["new"]
    assert verdicts(infer(tenant, "I live in Oslo.")) == ["supersedes"]
    like(tenant, only_memory(tenant).id)
    wish(tenant, "ada")
    waiting = accept(tenant, "I swim.")
    infer(tenant, "I live in Bonn.", user="bob")
    kept = counts(tenant)

    found = erase(tenant, "ada")

    assert found == {
        "Job": (3, 3, 0),
        "Message": (3, 3, 0),
        "Source": (2, 0, 2),
        "Memory": (2, 2, 0),
        "Version": (2, 2, 0),
        "Vector": (1, 0, 1),
        "Feedback": (1, 1, 0),
        "MemoryExport": (1, 1, 0),
        "Entity": (1, 1, 0),
    }
    assert kept == {
        "Job": 4,
        "Message": 4,
        "Source": 3,
        "Memory": 3,
        "Feedback": 1,
        "MemoryExport": 1,
    }
    assert counts(tenant) == dict.fromkeys(kept, 0) | dict.fromkeys(
        ("Job", "Message", "Source", "Memory"), 1
    )
    assert waiting not in due()
    assert current(tenant) == ["I live in Bonn."]


def test_messages_under_anothers_key_go_with_their_job(tenant):
    infer(tenant, "I live in Rome.", user="bob", agent="bot")
    infer(tenant, "I drink tea.", user="bob")

    found = erase(tenant, "bot", "agent")

    assert {name: found[name] for name in ("Job", "Message", "Source", "Memory")} == {
        "Job": (1, 0, 1),
        "Message": (1, 0, 1),
        "Source": (1, 0, 1),
        "Memory": (1, 0, 1),
    }
    assert current(tenant) == ["I drink tea."]
    assert counts(tenant)["Message"] == 1


def test_what_an_erased_memory_had_replaced_does_not_come_back(tenant):
    """Rome, Oslo, Bonn in three talks: without the last, nobody says any more that it is Oslo."""
    for number, town in enumerate(("Rome", "Oslo", "Bonn")):
        infer(tenant, f"I live in {town}.", user="ada", run=f"r{number}")

    found = erase(tenant, "r2", "run")

    assert (found["Memory"], current(tenant)) == ((1, 0, 1), [])
    with tenant_scope(tenant.id):
        rome, oslo = Memory.objects.order_by("id")
        assert (rome.text, rome.replaced_by_id) == ("I live in Rome.", oslo.id)
        assert (oslo.text, oslo.replaced_by_id) == (None, None)
        assert list(Version.objects.filter(memory=oslo.id, text=None)) != []


def test_what_stood_in_between_is_closed_over(tenant):
    for number, town in enumerate(("Rome", "Oslo", "Bonn")):
        infer(tenant, f"I live in {town}.", user="ada", run=f"r{number}")

    erase(tenant, "r1", "run")

    assert current(tenant) == ["I live in Bonn."]
    with tenant_scope(tenant.id):
        rome, bonn = Memory.objects.order_by("id")
        assert (rome.text, rome.replaced_by_id) == ("I live in Rome.", bonn.id)


def test_exports_that_name_the_person_beside_others_go_too(tenant):
    infer(tenant, "I live in Rome.")
    wish(tenant, "ada", "bob")  # bob is nobody yet
    wish(tenant, "cleo", "bob")
    wish(tenant, "ada", "cleo")
    infer(tenant, "I live in Oslo.", user="bob")

    assert erase(tenant, "bob")["MemoryExport"] == (0, 0, 2)

    assert counts(tenant)["MemoryExport"] == 1


@pytest.mark.parametrize(("name", "subject"), [("ada", "user"), ("bot", "agent")])
def test_worker_that_holds_a_chunk_can_not_write_after_the_erasure(tenant, name, subject):
    job_id = accept(tenant, "I live in Rome.", user="ada", agent="bot")
    lease = take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)

    erase(tenant, name, subject)

    with pytest.raises((LeaseLost, DomainError)):
        renew_lease(lease, spent=(0, 0))
    assert finish_none(tenant, job_id) is False
    assert set(counts(tenant).values()) == {0}


def finish_none(tenant, job_id):
    return take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM) is not None


def test_job_is_not_accepted_while_the_erasure_runs(tenant):
    infer(tenant, "I live in Rome.")
    with tenant_scope(tenant.id):
        [ada] = find_entities([("user", "ada")]).values()
        set_flag(entity_id=ada.id, flag=EntityFlag.ERASING, by=SYSTEM)

    with pytest.raises(DomainError) as refused:
        accept(tenant, "I live in Oslo.")
    assert refused.value.status == 409


def test_events_and_feedback_of_a_restricted_person_are_not_shown_or_taken(tenant):
    job = infer(tenant, "I live in Rome.")
    other = infer(tenant, "I live in Oslo.", user="bob")
    memory_id = only_memory(tenant, key_owner=job.key_owner_id).id
    with tenant_scope(tenant.id):
        assert [view.job.id for view in read_jobs(offset=0, limit=5)] == [other.id, job.id]
        set_flag(entity_id=job.key_owner_id, flag=EntityFlag.RESTRICTED, by=SYSTEM)

    with tenant_scope(tenant.id):
        shown = [(view.job.id, len(view.memories)) for view in read_jobs(offset=0, limit=5)]
        assert shown == [(other.id, 1), (job.id, 0)]
        hidden = read_job(job.id)
        assert (hidden.is_restricted, hidden.memories) == (True, {})
    with pytest.raises(Forbidden):
        like(tenant, memory_id)


def test_an_erasure_takes_every_summary_of_the_tenant(tenant, settings):
    """That of an agent may quote the person, under a key which stays."""
    infer(tenant, "I live in Rome.", user="bob", agent="bot")
    infer(tenant, "I live in Oslo.", user="ada")
    with chat.chat_host() as host:
        host.otherwise = chat.write("Bob lives in Rome.")
        with extractor(settings, "openai", EXTRACTION_MODEL="m", OPENAI_BASE_URL=host.url):
            filters = {"agent_id": "bot"}
            job = request_summary(tenant_id=tenant.id, filters=filters, by=SYSTEM).job
            assert finish(tenant, job.id).state == "SUCCEEDED"

            erase(tenant, "ada")

            with tenant_scope(tenant.id):
                left = Job.objects.get(id=job.id)
                assert (left.state, left.summary, left.made_of) == ("SUCCEEDED", None, None)
            again = request_summary(tenant_id=tenant.id, filters=filters, by=SYSTEM).job
            held = take_job(tenant_id=tenant.id, job_id=again.id, by=SYSTEM)
            erase(tenant, "bob")
            with pytest.raises(ExtractorError, match="No memory is left"):
                write_summary(held, by=SYSTEM)
