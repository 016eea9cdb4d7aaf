"""Jobs of entities that are restricted, have objected or are being erased."""

import pytest
from django.utils import timezone

from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import lift_flag, set_flag
from apps.memories.domain.jobs import retry_job
from apps.memories.domain.projects import complete_guidance, configure_project
from apps.memories.domain.queue import GRACE
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.extractors import get_extractor
from apps.memories.models import Memory, Message
from apps.memories.queries.entities import find_entities
from tests.support import jobs
from tests.support.jobs import Guidance, accept, current, due, finish, infer, read, work
from tests.support.kernel import SYSTEM, add

RESTRICTED, OBJECTED, ERASING = EntityFlag.RESTRICTED, EntityFlag.OBJECTED, EntityFlag.ERASING


@pytest.fixture(autouse=True)
def rules(settings):
    with jobs.extractor(settings):
        yield


@pytest.fixture
def clock():
    with jobs.stopped_clock() as clock:
        yield clock


@pytest.fixture
def asked(monkeypatch):
    """What the extractor is shown, each time; `then` is done before it answers."""
    extract = type(get_extractor()).extract

    def spy(self, conversation):
        shown.append(conversation)
        shown.then()
        return extract(self, conversation)

    class Shown(list):
        then = staticmethod(lambda: None)

    shown = Shown()
    monkeypatch.setattr(type(get_extractor()), "extract", spy)
    return shown


def flag(tenant, kind, name, *flags, lift=False):
    with tenant_scope(tenant.id):
        [entity] = find_entities([(EntityKind(kind), name)]).values()
        for one in flags:
            (lift_flag if lift else set_flag)(entity_id=entity.id, flag=one, by=SYSTEM)


def test_job_of_a_restricted_entity_waits_and_then_goes_on(tenant, asked, clock, monkeypatch):
    first, second = (accept(tenant, f"I live in {city}.") for city in ("Oslo", "Rome"))
    flag(tenant, "user", "ada", RESTRICTED)

    for job_id in (second, first, second):
        work(tenant, job_id)

    assert asked == []
    for job_id in (first, second):
        job = read(tenant, job_id)
        assert (job.state, job.error, job.tries) == ("PENDING", "restricted", 0)
    assert clock.sweep(monkeypatch) == []
    flag(tenant, "user", "ada", RESTRICTED, lift=True)
    assert sorted(clock.sweep(monkeypatch)) == [(tenant.id, first), (tenant.id, second)]
    assert not work(tenant, second)  # in their order still
    assert [finish(tenant, job_id).state for job_id in (first, second)] == ["SUCCEEDED"] * 2
    assert current(tenant) == ["I live in Rome."]


def test_restricted_run_does_not_hold_up_the_others(tenant, clock):
    waits = accept(tenant, "I live in Oslo.", user="ada", run="r1")
    flag(tenant, "run", "r1", RESTRICTED)
    before = accept(tenant, "I drink tea.", user="ada", run="r2")
    after = accept(tenant, "I swim.", user="ada", run="r2")
    work(tenant, waits)

    assert not work(tenant, after)
    finish(tenant, before)
    assert due()[after] == timezone.now() + GRACE
    finish(tenant, after)

    assert read(tenant, waits).error == "restricted"
    assert current(tenant) == ["I drink tea.", "I swim."]


def test_extractor_is_not_shown_what_is_restricted(tenant, asked):
    infer(tenant, "I live in Oslo.", user="ada", run="r1")
    infer(tenant, "I drink tea.", user="ada", run="r2")
    flag(tenant, "run", "r1", RESTRICTED)

    infer(tenant, "I live in Rome.", user="ada", run="r3")

    assert asked[-1].known == ["I drink tea."]
    assert sorted(current(tenant)) == ["I drink tea.", "I live in Oslo.", "I live in Rome."]


def test_memory_that_is_restricted_meanwhile_stays_as_it_is(tenant, asked):
    infer(tenant, "I live in Oslo.", user="ada", run="r1")
    asked.then = lambda: flag(tenant, "run", "r1", RESTRICTED)

    infer(tenant, "I live in Rome.", user="ada", run="r2")

    assert asked[-1].known == ["I live in Oslo."]
    with tenant_scope(tenant.id):
        assert Memory.objects.filter(replaced_by__isnull=False).count() == 0


@pytest.mark.parametrize("kind", ["user", "agent", "run"])
@pytest.mark.parametrize("closing", [OBJECTED, ERASING])
def test_job_of_a_closed_entity_fails_unasked(tenant, asked, kind, closing):
    names = {"user": "ada", "agent": "bot", "run": "r1"}
    job_id = accept(tenant, "I drink tea.", **names)
    flag(tenant, kind, names[kind], closing)

    job = finish(tenant, job_id)

    assert (job.state, job.error, asked, current(tenant)) == ("FAILED", "closed", [], [])
    flag(tenant, kind, names[kind], closing, lift=True)
    retry_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)
    assert finish(tenant, job_id).state == "SUCCEEDED"
    assert current(tenant) == ["I drink tea."]


@pytest.mark.parametrize("kind", ["user", "agent"])
def test_entity_that_is_closed_while_the_model_thinks_gets_nothing(tenant, asked, kind):
    names = {"user": "ada", "agent": "bot"}
    add(tenant, "I sleep.", **names)
    asked.then = lambda: flag(tenant, kind, names[kind], OBJECTED)

    job = infer(tenant, "I drink tea.", **names)

    assert (job.state, job.error, len(asked)) == ("FAILED", "closed", 1)
    assert current(tenant) == ["I sleep."]
    with tenant_scope(tenant.id):
        assert Message.objects.filter(job=job.id).count() == 1


OWN = Guidance(instructions="own", categories={"own": ""}, includes="i", zone="Europe/Oslo")
SETTINGS = {
    "custom_instructions": "for users",
    "agent_custom_instructions": "for agents",
    "custom_categories": [{"drinks": "tea", "food": ""}, {"rest": ""}],
}


@pytest.mark.parametrize(
    ("asked", "is_agents", "settings_", "expected"),
    [
        (OWN, True, SETTINGS, ("own", {"own": ""})),
        (Guidance(), False, SETTINGS, ("for users", {"drinks": "tea", "food": "", "rest": ""})),
        (Guidance(), True, SETTINGS, ("for agents", {"drinks": "tea", "food": "", "rest": ""})),
        (Guidance(), True, {"custom_instructions": "for users"}, ("for users", {})),
        (Guidance(), False, {"custom_instructions": None, "custom_categories": None}, ("", {})),
    ],
)
def test_project_completes_what_a_request_leaves_open(
    tenant, asked, is_agents, settings_, expected
):
    configure_project(tenant_id=tenant.id, values=settings_, by=SYSTEM)

    found = complete_guidance(asked, tenant_id=tenant.id, is_agents=is_agents)

    assert (found.instructions, found.categories) == expected
    assert (found.includes, found.zone) == (asked.includes, asked.zone)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"user": "ada", "agent": "bot"}, "for users"),
        ({"agent": "bot"}, "for agents"),
    ],
)
def test_extractor_is_told_what_the_project_asks(tenant, asked, names, expected):
    configure_project(tenant_id=tenant.id, values=SETTINGS, by=SYSTEM)

    infer(tenant, "I drink tea.", **names)

    [conversation] = asked
    assert conversation.instructions == expected
    assert conversation.categories == {"drinks": "tea", "food": "", "rest": ""}
