"""A model that answers with malice, or just badly: nothing outside the job's own part changes."""

import pytest

from apps.isolation.scope import tenant_scope
from apps.memories.models import Entity, Job, Memory, Message
from tests.support import chat, jobs
from tests.support.chat import statement
from tests.support.jobs import accept, current, finish, infer, read, verdicts, work
from tests.support.kernel import add, dump_rows


@pytest.fixture
def host(settings):
    with chat.chat_host() as host:
        more = {"EXTRACTION_MODEL": "tiny", "OPENAI_BASE_URL": host.url, "EXTRACTION_TIMEOUT": 5}
        with jobs.extractor(settings, "openai", **more):
            yield host


def rows(tenant, *ids):
    """The tenant's rows, or those that name one of these ids, as the database holds them."""
    return {
        label: [row for row in found if all(str(each) in row for each in ids)]
        for label, found in dump_rows(tenant.id).items()
        if not label.endswith("Due")  # global: ids and times
    }


HOSTILE = {
    "foreign ids": chat.say(
        statement("Tea.", replaces=["{bobs}", "{theirs}", "k9", "*"], repeats="{bobs}")
    ),
    "entity, tenant, flags, expiry": chat.say(
        statement(
            "Tea.",
            user_id="bob",
            tenant_id="other",
            key_owner_id="{bobs}",
            is_immutable=True,
            expires_on="2000-01-01",
            metadata={"a": 1},
            role="system",
        ),
        user_id="bob",
    ),
    "10,000 statements": chat.say(*(statement(f"Junk {n}.") for n in range(10_000))),
    "delete all": chat.say(action="delete_all", delete=["k1", "k2", "*"], event="DELETE"),
    "replace all": chat.say(statement("Nothing.", replaces=[f"k{n}" for n in range(1, 41)])),
    "tool calls": chat.write(
        None, tool_calls=[{"function": {"name": "delete_memories", "arguments": "{}"}}]
    ),
    "code": chat.write("```sql\nDELETE FROM memories_memory;\n```"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answer_changes_nothing_outside_the_jobs_entity(tenant, other_tenant, host, name):
    add(other_tenant, "I live in Oslo.")
    [bobs] = add(tenant, "I live in Oslo.", user="bob")
    adas = add(tenant, *(f"I know {n} songs." for n in range(7)))
    others = rows(tenant, bobs), rows(other_tenant)
    host.otherwise = HOSTILE[name]

    job_id = accept(tenant, "I drink tea.")
    work(tenant, job_id)

    assert others == (rows(tenant, bobs), rows(other_tenant))
    with tenant_scope(tenant.id):
        assert Memory.objects.current().filter(id__in=adas).count() == len(adas)
        assert Entity.objects.count() == 2
        added = Memory.objects.exclude(id__in=[*adas, bobs])
        for memory in added:
            assert (memory.user_id, memory.expires_on, memory.is_immutable, memory.metadata) == (
                Job.objects.get().user_id,
                None,
                False,
                None,
            )
            assert memory.role == "user"


@pytest.mark.parametrize(
    ("name", "state", "error", "verdict"),
    [
        ("foreign ids", "SUCCEEDED", "", ["unknown-memory"]),
        ("10,000 statements", "FAILED", "too-many", []),
        ("replace all", "SUCCEEDED", "", ["too-much"]),
        ("tool calls", "FAILED", "nonsense", []),
        ("code", "FAILED", "nonsense", []),
        ("delete all", "SUCCEEDED", "", []),
    ],
)
def test_job_says_what_was_wrong(tenant, host, name, state, error, verdict):
    add(tenant, *(f"I know {n} songs." for n in range(7)))
    host.otherwise = HOSTILE[name]
    with jobs.stopped_clock() as clock:
        job_id = accept(tenant, "I drink tea.")
        while work(tenant, job_id):
            clock.pass_seconds(1_000)

    job = read(tenant, job_id)
    assert (job.state, job.error, verdicts(job)) == (state, error, verdict)


def test_model_supersedes_and_repeats_what_it_was_shown(tenant, host):
    host.script = [chat.say(statement("Ada lives in Oslo."), statement("Ada drinks tea."))]
    infer(tenant, "I live in Oslo and drink tea.")

    def contradict(handler, request):
        chat.say(
            statement("Ada lives in Rome.", replaces=[label_of(host, "Oslo")]),
            statement("Ada is fond of tea.", repeats=label_of(host, "tea")),
        )(handler, request)

    host.script = [contradict]

    job = infer(tenant, "I moved to Rome. I still drink tea.")

    assert verdicts(job) == ["supersedes", "same-meaning"]
    assert current(tenant) == ["Ada drinks tea.", "Ada lives in Rome."]
    assert (job.tokens_in, job.tokens_out) == (100, 20)
    assert sorted(host.shown()["known_memories"]) == ["k1", "k2"]


def label_of(host, word):
    return next(label for label, text in host.shown()["known_memories"].items() if word in text)


def test_no_id_leaves_the_house(tenant, host):
    infer(tenant, "I drink tea.", user="ada-external-id", agent="agent-external-id")
    add(tenant, "I swim.", user="ada-external-id", agent="agent-external-id")
    infer(tenant, "I sing.", user="ada-external-id", agent="agent-external-id")

    sent = str(host.requests)
    with tenant_scope(tenant.id):
        ids = [
            *Memory.objects.values_list("id", flat=True),
            *Job.objects.values_list("id", flat=True),
        ]
    assert "I swim." in sent
    assert [each for each in ("external-id", str(tenant.id), *map(str, ids)) if each in sent] == []


def test_job_survives_a_bad_hour(tenant, host):
    host.script = [
        chat.fail(500),
        chat.fail(429, Retry_After="30"),
        chat.cut,
        chat.hang_up,
        chat.write("nonsense"),
        chat.fail(503),
        chat.say(statement("Ada drinks tea.")),
    ]
    with jobs.stopped_clock() as clock:
        job_id = accept(tenant, "I drink tea.")
        errors = []
        while work(tenant, job_id):
            errors.append(read(tenant, job_id).error)
            clock.pass_seconds(1_000)

    assert errors == [
        "host-failed",
        "busy",
        "unreachable",
        "unreachable",
        "nonsense",
        "host-failed",
        "",
    ]
    assert current(tenant) == ["Ada drinks tea."]


def test_day_is_kept_with_the_statement(tenant, host):
    host.script = [chat.say(statement("Ada went to Rome on 2026-05-01.", date="2026-05-01"))]

    finish(tenant, accept(tenant, "I went to Rome on Friday."))

    with tenant_scope(tenant.id):
        [memory] = Memory.objects.all()
        assert memory.inferred == {"day": "2026-05-01", "confidence": 0.9}
        assert Message.objects.count() == 1
