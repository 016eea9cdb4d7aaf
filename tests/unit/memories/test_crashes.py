"""A worker may die between any two steps, any number of times: nothing is lost, nothing twice."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.isolation.scope import tenant_scope
from apps.memories.domain import jobs as accepting
from apps.memories.domain import leases, queue, reconciling, running
from apps.memories.domain.values import Repeat
from apps.memories.enums import JobState
from apps.memories.models import Job, JobDue, Memory, Message, Source, Vector, Version
from tests.support import jobs

STEPS = [
    (accepting, "ensure_entities"),
    (accepting, "_insert_jobs"),
    (accepting, "_insert_messages"),
    (running, "take_job"),
    (running, "_find_known"),
    (running, "renew_lease"),
    (running, "embed_texts"),
    (running, "apply_statements"),
    (running, "end_chunk"),
    (running, "give_up"),
    (leases, "_end"),
    (leases, "_let_next"),
    (leases, "put_off"),
    (leases, "take_off"),
    (leases, "destroy_unused"),
    (reconciling, "_release"),
    (reconciling, "insert_drafts"),
    (reconciling, "_supersede"),
    (reconciling, "_write_sources"),
]
SAID = [
    ["I live in Oslo.", "I drink tea. How are you?"],
    ["I live in Rome.", "I drink tea."],
    ["I no longer drink tea.", "I swim.", "I sing."],
]
CURRENT = ["I live in Rome.", "I no longer drink tea.", "I sing.", "I swim."]
KEPT = Counter([*CURRENT, "I live in Oslo.", "I drink tea."])
SOURCES = 6  # one a memory
MESSAGES = 6  # but for the one that was a repeat


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.fixture
def steps(monkeypatch):
    """Counts the boundaries of steps, before and after each, and dies at the one that is set."""

    class Steps:
        dies_at, passed = None, 0

        def cross(self):
            self.passed += 1
            if self.passed == self.dies_at:
                raise Killed

        def start(self, dies_at):
            self.passed, self.dies_at = 0, dies_at

    steps = Steps()

    def watch(step):
        def run(*args, **fields):
            steps.cross()
            found = step(*args, **fields)
            steps.cross()
            return found

        return run

    for module, name in STEPS:
        monkeypatch.setattr(module, name, watch(getattr(module, name)))
    return steps


@pytest.fixture
def world(db, settings, tenant, monkeypatch):
    settings.EXTRACTION_MESSAGES = 2
    settings.JOB_TRIES = 100
    sent = []
    monkeypatch.setattr(queue, "count_waiting", lambda: 0)
    monkeypatch.setattr(queue, "send_job", lambda tenant_id, job_id: sent.append(job_id) or True)
    with jobs.extractor(settings), jobs.stopped_clock() as clock:
        yield tenant, clock, sent


users = count()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deaths=st.lists(st.none() | st.integers(1, 34), max_size=12))
def test_crashes_lose_and_double_nothing(world, steps, deaths):
    tenant, clock, sent = world
    user, deaths = f"user {next(users)}", iter(deaths)

    def survive(act, *args, **fields):
        """Until it comes through, dying where the example says."""
        while True:
            steps.start(next(deaths, None))
            try:
                return act(*args, **fields)
            except Killed:
                clock.pass_seconds(60)

    accepted = [
        survive(jobs.accept, tenant, *texts, user=user, repeat=Repeat(f"{user} {n}", b""))
        for n, texts in enumerate(SAID)
    ]
    for _ in range(200):
        if not JobDue.objects.exists():
            break
        clock.pass_seconds(400)
        sent.clear()
        queue.sweep_jobs()
        for job_id in list(sent):
            survive(jobs.work, tenant, job_id)

    assert outcome(tenant, user, accepted) == {
        "states": [JobState.SUCCEEDED] * 3,
        "current": CURRENT,
        "kept": KEPT,
        "versions": len(KEPT),
        "vectors": len(CURRENT),
        "sources": SOURCES,
        "messages": MESSAGES,
        "verdicts": [["new", "new"], ["supersedes", "same-text"], ["supersedes", "new", "new"]],
    }


def outcome(tenant, user, accepted):
    with tenant_scope(tenant.id):
        done = list(Job.objects.filter(id__in=accepted).order_by("id"))
        owner = done[0].key_owner_id
        mine = Memory.objects.filter(key_owner=owner)
        return {
            "states": [job.state for job in done],
            "current": sorted(row.text for row in mine.current()),
            "kept": Counter(row.text for row in mine),
            "versions": Version.objects.filter(key_owner=owner).count(),
            "vectors": Vector.objects.filter(key_owner=owner).count(),
            "sources": Source.objects.filter(memory__in=mine.values("id")).count(),
            "messages": Message.objects.filter(key_owner=owner).count(),
            "verdicts": [jobs.verdicts(job) for job in done],
        }


def test_examples_reach_the_last_step(world, steps):
    """A smaller job crosses as many boundaries as there are numbers to die at."""
    tenant, _, _ = world

    job_id = jobs.accept(tenant, "I drink tea.")
    jobs.work(tenant, job_id)

    assert steps.passed >= 34
