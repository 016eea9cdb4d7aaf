"""Summaries: one job for one filter, and a text that is served only while what it tells holds."""

from datetime import date, timedelta

import pytest

from apps.common.errors import Invalid, NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.ring import KeyClosed
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.flags import set_flag
from apps.memories.domain.leases import SUMMARY_KEPT
from apps.memories.domain.memories import update_memory
from apps.memories.domain.queue import GRACE
from apps.memories.domain.summaries import FRESH, request_summary
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.extractors.openai import OpenAIExtractor
from apps.memories.models import Job
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.retention import run_retention
from tests.support import chat, jobs
from tests.support.jobs import accept, due, finish, read, work
from tests.support.kernel import SYSTEM, add, dump_rows, find_plain

ADA = {"user_id": "ada"}
TEXT = "Ada drinks tea and sails."
SECOND = timedelta(seconds=1)


@pytest.fixture
def host(settings):
    with chat.chat_host() as host:
        host.otherwise = chat.write(TEXT)
        more = {"EXTRACTION_MODEL": "tiny", "OPENAI_BASE_URL": host.url, "EXTRACTION_TIMEOUT": 5}
        with jobs.extractor(settings, "openai", **more):
            yield host


@pytest.fixture
def clock():
    with jobs.stopped_clock() as clock:
        yield clock


def ask(tenant, filters=ADA):
    """What an application is answered: the job, the text, and of how many memories it is."""
    view = request_summary(tenant_id=tenant.id, filters=filters, by=SYSTEM)
    return view.job.id, view.text, len(view.memories)


def summarise(tenant, filters=ADA):
    """To the end; answers the id of its job."""
    job_id, text, _ = ask(tenant, filters)
    assert text is None
    assert finish(tenant, job_id).state == "SUCCEEDED"
    return job_id


def kept(tenant):
    with tenant_scope(tenant.id):
        return Job.objects.filter(summary__isnull=False).count()


def flag(tenant, kind, name, flag):
    with tenant_scope(tenant.id):
        [entity] = find_entities([(EntityKind(kind), name)]).values()
        set_flag(entity_id=entity.id, flag=flag, by=SYSTEM)


def test_a_summary_is_made_once_kept_sealed_and_goes_after_a_day(tenant, host, clock, monkeypatch):
    add(tenant, "I drink tea.", "I sail.")
    add(tenant, "I box.", user="bob")

    job_id, *rest = ask(tenant)
    assert rest == [None, 0]
    assert ask(tenant) == (job_id, None, 0)
    assert host.requests == []
    assert clock.sweep(monkeypatch) == []
    clock.pass_seconds(GRACE.total_seconds())
    assert clock.sweep(monkeypatch) == [(tenant.id, job_id)]
    job = finish(tenant, job_id)

    assert (job.state, job.done, job.total, job.tokens_in, job.tokens_out) == (
        "SUCCEEDED", 1, 1, 100, 20,
    )  # fmt: skip
    assert ask(tenant) == (job_id, TEXT, 2)
    [asked] = host.requests
    assert asked.keys() == {"model", "messages", "max_completion_tokens", "temperature"}
    assert host.shown() == {
        "memories": [
            {"day": "2026-03-02", "text": "I sail."},
            {"day": "2026-03-02", "text": "I drink tea."},
        ]
    }
    assert find_plain(dump_rows(tenant.id), "sails") == set()
    clock.pass_seconds((SUMMARY_KEPT - SECOND).total_seconds())
    assert clock.sweep(monkeypatch) == []
    clock.pass_seconds(1)
    assert clock.sweep(monkeypatch) == [(tenant.id, job_id)]
    assert kept(tenant) == 1
    assert not work(tenant, job_id)
    assert (kept(tenant), due()) == (0, {})
    assert ask(tenant)[0] != job_id


def change(tenant, first, clock, **_):
    clock.pass_seconds(1)
    update_memory(tenant_id=tenant.id, memory_id=first, text="I drink coffee.", by=SYSTEM)


def delete(tenant, first, **_):
    delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)
    assert kept(tenant) == 0


def delete_anothers(tenant, bobs, **_):
    delete_memory(tenant_id=tenant.id, memory_id=bobs, by=SYSTEM)
    assert kept(tenant) == 0


def restrict_a_run(tenant, **_):
    flag(tenant, "run", "r1", EntityFlag.RESTRICTED)


def object_of_a_run(tenant, **_):
    flag(tenant, "run", "r1", EntityFlag.OBJECTED)


def let_expire(tenant, clock, **_):
    clock.pass_seconds(timedelta(hours=14).total_seconds())
    run_retention(tenant_id=tenant.id, by=SYSTEM)
    assert kept(tenant) == 0


def add_another(tenant, clock, **_):
    add(tenant, "I swim.")
    assert ask(tenant)[1] == TEXT
    clock.pass_seconds(FRESH.total_seconds())


@pytest.mark.parametrize(
    ("act", "left"),
    [
        (change, 3),
        (delete, 2),
        (delete_anothers, 3),
        (restrict_a_run, 2),
        (object_of_a_run, 2),
        (let_expire, 2),
        (add_another, 4),
    ],
)
def test_a_summary_is_not_served_when_what_it_tells_has_changed(tenant, host, clock, act, left):
    [first] = add(tenant, "I drink tea.")
    add(tenant, "I ran.", user="ada", run="r1")
    add(tenant, "I sail.", user="ada", expires_on=date(2026, 5, 4))
    [bobs] = add(tenant, "I box.", user="bob")
    job_id = summarise(tenant)
    assert ask(tenant) == (job_id, TEXT, 3)

    act(tenant=tenant, clock=clock, first=first, bobs=bobs)

    assert ask(tenant)[1] is None
    assert kept(tenant) == 0
    next_id = summarise(tenant)
    assert next_id != job_id
    assert ask(tenant) == (next_id, TEXT, left)


def test_what_is_deleted_while_the_model_writes_is_told_by_nothing(
    tenant, host, clock, monkeypatch
):
    first, _ = add(tenant, "I drink tea.", "I sail.")
    job_id, *_ = ask(tenant)
    summarize = OpenAIExtractor.summarize

    def delete_meanwhile(self, memories):
        delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)
        return summarize(self, memories)

    with monkeypatch.context() as patch:
        patch.setattr(OpenAIExtractor, "summarize", delete_meanwhile)
        work(tenant, job_id)

    job = read(tenant, job_id)
    assert (job.state, job.error, job.summary, job.tokens_in) == ("PENDING", "changed", None, 100)
    clock.pass_seconds(5)
    assert finish(tenant, job_id).state == "SUCCEEDED"
    assert ask(tenant) == (job_id, TEXT, 1)


def test_nothing_is_kept_of_whom_objects_while_the_model_writes(tenant, host, monkeypatch):
    """Whose memories they are besides: the key under which it would be kept is the agent's."""
    add(tenant, "I drink tea.", user="ada", agent="bot")
    job_id, *_ = ask(tenant, {"agent_id": "bot"})
    summarize = OpenAIExtractor.summarize

    def object_meanwhile(self, memories):
        flag(tenant, "user", "ada", EntityFlag.OBJECTED)
        return summarize(self, memories)

    monkeypatch.setattr(OpenAIExtractor, "summarize", object_meanwhile)
    work(tenant, job_id)

    job = read(tenant, job_id)
    assert (job.state, job.error, job.summary, job.tokens_in) == ("FAILED", "closed", None, 100)
    again, *_ = ask(tenant, {"agent_id": "bot"})
    assert finish(tenant, again).error == "nothing"


def test_a_failure_is_tried_again_or_told_and_the_next_wish_starts_anew(tenant, host, clock):
    add(tenant, "I drink tea.")
    job_id, *_ = ask(tenant)
    host.script = [chat.fail(503), chat.fail(401)]

    work(tenant, job_id)
    assert (read(tenant, job_id).state, read(tenant, job_id).error) == ("PENDING", "host-failed")
    assert ask(tenant)[0] == job_id
    clock.pass_seconds(5)
    work(tenant, job_id)

    assert (read(tenant, job_id).state, read(tenant, job_id).error) == ("FAILED", "key-refused")
    assert summarise(tenant) != job_id
    assert read(tenant, job_id).state == "FAILED"


def test_summaries_and_adds_do_not_wait_for_each_other(tenant, host, clock):
    add(tenant, "I drink tea.", "I sail.")
    waits, *_ = ask(tenant)
    added = accept(tenant, "I swim.")
    other, *_ = ask(tenant, {"AND": [ADA, {"text": {"contains": "tea"}}]})
    host.script = [chat.fail(503), chat.say(chat.statement("Ada swims."))]

    work(tenant, waits)

    assert finish(tenant, added).state == "SUCCEEDED"
    assert finish(tenant, other).state == "SUCCEEDED"
    assert [line["text"] for line in host.shown()["memories"]] == ["I drink tea."]


def test_the_newest_memories_are_shown_up_to_the_limits(tenant, host, settings):
    add(tenant, *(f"I climbed hill {number:02}." for number in range(10)))
    settings.SUMMARY_MEMORIES = 4
    assert ask(tenant, ADA)[1] is None
    few = summarise(tenant, {"AND": [ADA]})
    shown = [line["text"][-3:-1] for line in host.shown()["memories"]]
    settings.EXTRACTION_CHARACTERS = 40
    fewer = summarise(tenant, {"AND": [{"AND": [ADA]}]})

    assert shown == ["09", "08", "07", "06"]
    assert [line["text"][-3:-1] for line in host.shown()["memories"]] == ["09", "08"]
    assert ask(tenant, {"AND": [{"AND": [ADA]}]}) == (fewer, TEXT, 2)
    settings.EXTRACTION_CHARACTERS = 4_000
    assert ask(tenant, {"AND": [ADA]}) == (few, TEXT, 4)


def test_a_summary_is_of_one_entity_of_each_kind(tenant, host):
    add(tenant, "I drink tea.")
    for filters in (
        {"user_id": "*"},
        {"user_id": {"in": ["ada", "bob"]}},
        {"OR": [ADA, {"user_id": "bob"}]},
        {"AND": [ADA, {"user_id": "bob"}]},
        {"AND": [ADA, {"NOT": {"user_id": "bob"}}]},
        {"AND": [ADA, {"agent_id": "*"}]},
        {"created_at": {"gte": "2026-01-01"}},
    ):
        with pytest.raises(Invalid) as refused:
            ask(tenant, filters)
        assert refused.value.field == "filters"
    for filters in (
        {"user_id": "nobody"},
        {"AND": [ADA, {"text": "I box."}]},
        ADA | {"run_id": "r"},
    ):
        with pytest.raises(NotFound):
            ask(tenant, filters)
    assert ask(tenant, {"user_id": {"in": ["ada"]}, "NOT": {"text": "I box."}})[1] is None
    flag(tenant, "user", "ada", EntityFlag.OBJECTED)
    with pytest.raises(KeyClosed):
        ask(tenant)
