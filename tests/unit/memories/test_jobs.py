"""Accepting jobs, running them in order and once, and ending them early."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.errors import Conflict, NotFound
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.ring import destroy_entity_keys
from apps.memories.domain import queue
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.jobs import retry_job
from apps.memories.domain.leases import BLOCKED, MARGIN, LeaseLost, renew_lease, take_job
from apps.memories.domain.memories import add_memories
from apps.memories.domain.values import Repeat
from apps.memories.enums import JobError, JobState
from apps.memories.extractors import ExtractorError, get_extractor
from apps.memories.filters import parse_filters
from apps.memories.models import Entity, Job, Memory, Message, Source
from memoryhub.celery import SWEEPS_EVERY
from tests.support import jobs
from tests.support.jobs import accept, current, due, finish, infer, read, verdicts, work
from tests.support.kernel import add, dump_rows, find_plain, make_new


@pytest.fixture(autouse=True)
def rules(settings):
    with jobs.extractor(settings):
        yield


@pytest.fixture
def clock():
    with jobs.stopped_clock() as clock:
        yield clock


@pytest.fixture
def failing(monkeypatch):
    """The extractor raises these, one after the other, and then works."""
    errors = []
    extract = type(get_extractor()).extract

    def fail(self, conversation):
        if errors:
            raise errors.pop(0)
        return extract(self, conversation)

    monkeypatch.setattr(type(get_extractor()), "extract", fail)
    return errors


def count(tenant, model):
    with tenant_scope(tenant.id):
        return model.objects.count()


def actions(tenant):
    with tenant_scope(tenant.id):
        return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_job_makes_memories_of_what_a_user_states(tenant):
    job = infer(tenant, "I drink tea. Do you like tea? I live in Oslo.")

    assert (job.state, job.error, job.done, job.tries) == ("SUCCEEDED", "", 1, 0)
    assert current(tenant) == ["I drink tea.", "I live in Oslo."]
    assert verdicts(job) == ["new", "new"]
    assert due() == {}


def test_accepted_job_is_committed_with_its_messages_and_due(tenant, clock):
    job_id = accept(tenant, "I drink tea.", ("Bo", "I swim."))

    with tenant_scope(tenant.id):
        job = Job.objects.get(id=job_id)
        said = [
            (row.number, row.role, row.name, row.content)
            for row in Message.objects.order_by("number")
        ]
    assert (job.state, job.total, job.started_at) == ("PENDING", 2, None)
    assert said == [(0, "user", None, "I drink tea."), (1, "user", "Bo", "I swim.")]
    assert due() == {job_id: timezone.now() + queue.GRACE}
    assert actions(tenant)[-2:] == ["entity.create", "job.accept"]


def test_messages_and_wishes_are_sealed(tenant):
    guidance = jobs.Guidance(instructions="Mind the zebra.", categories={"walrus": "sea"})
    accept(
        tenant, "I saw an ocelot.", ("Gnuman", "Yes."), guidance=guidance, metadata={"a": "lynx"}
    )

    dump = dump_rows(tenant.id)

    for word in ("ocelot", "Gnuman", "zebra", "walrus", "lynx"):
        assert find_plain(dump, word) == set()


def test_memory_takes_what_the_request_gave(tenant):
    expires = timezone.now().date() + timedelta(days=30)
    infer(
        tenant,
        ("Bo", "I drink tea."),
        user="ada",
        agent="helper",
        run="r1",
        metadata={"a": 1},
        expires_on=expires,
        is_immutable=True,
    )

    with tenant_scope(tenant.id):
        [memory] = Memory.objects.all()
        [source] = Source.objects.all()
        assert (memory.metadata, memory.speaker, memory.role) == ({"a": 1}, "Bo", "user")
        assert (memory.expires_on, memory.is_immutable) == (expires, True)
        assert memory.inferred == {"day": None, "confidence": 1.0}
        assert [entity_id is None for entity_id in memory.all_entity_ids] == [
            False,
            False,
            True,
            False,
        ]
        assert memory.created_at == Job.objects.get().said_at
        assert (source.memory_id, source.message_id) == (memory.id, Message.objects.get().id)


def test_messages_that_no_memory_came_out_of_are_destroyed_at_the_end(tenant):
    infer(tenant, "Hello, who are you?", "I drink tea.")

    with tenant_scope(tenant.id):
        assert [row.content for row in Message.objects.all()] == ["I drink tea."]


def test_chunks_are_applied_one_by_one(tenant, settings):
    settings.EXTRACTION_MESSAGES = 2
    job_id = accept(tenant, *(f"I have {n} cats." for n in range(5)))

    steps = []
    while work(tenant, job_id):
        job = read(tenant, job_id)
        steps.append((job.state, job.done, len(current(tenant))))

    assert steps == [("PENDING", 2, 2), ("PENDING", 4, 4), ("SUCCEEDED", 5, 5)]


def test_chunk_is_bounded_by_characters_but_holds_one_message(tenant, settings):
    settings.EXTRACTION_CHARACTERS = 1_000
    job_id = accept(tenant, "I like tea. " * 90, "I swim.", "I sing.")

    work(tenant, job_id)
    assert read(tenant, job_id).done == 1
    work(tenant, job_id)
    assert read(tenant, job_id).done == 3


def test_jobs_of_one_owner_run_in_order(tenant, clock):
    first, second = accept(tenant, "I live in Oslo."), accept(tenant, "I live in Rome.")
    other = accept(tenant, "I live in Bonn.", user="bob")

    assert work(tenant, second) is False
    assert due()[second] == timezone.now() + BLOCKED
    assert work(tenant, other) is True
    finish(tenant, first)
    assert due()[second] == timezone.now() + queue.GRACE
    finish(tenant, second)
    assert current(tenant) == ["I live in Bonn.", "I live in Rome."]


def test_database_lets_one_job_of_an_owner_run(tenant):
    accept(tenant, "One."), accept(tenant, "Two.")

    with tenant_scope(tenant.id), pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(state=JobState.RUNNING)


def test_leased_job_is_nobody_elses(tenant, clock):
    job_id = accept(tenant, "I drink tea.")
    lease = take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)

    assert work(tenant, job_id) is False
    clock.pass_seconds(39)
    assert work(tenant, job_id) is False
    clock.pass_seconds(2)
    assert work(tenant, job_id) is True
    with pytest.raises(LeaseLost):
        renew_lease(lease, spent=(0, 0))
    assert current(tenant) == ["I drink tea."]


def test_what_a_dead_worker_held_is_due_within_a_minute(settings):
    settings.EXTRACTION_TIMEOUT = 40  # the most that the setting may be

    longest = settings.EXTRACTION_TIMEOUT + MARGIN.total_seconds() + SWEEPS_EVERY

    assert longest <= 60


def test_renewed_lease_lasts_longer_and_counts_what_was_spent(tenant, clock):
    job_id = accept(tenant, "I drink tea.")
    lease = take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)
    clock.pass_seconds(30)

    renew_lease(lease, spent=(7, 3))

    job = read(tenant, job_id)
    assert job.leased_until == timezone.now() + timedelta(seconds=40) == due()[job_id]
    assert (job.tokens_in, job.tokens_out) == (7, 3)


def test_sweeper_sends_what_is_due_and_not_again_at_once(tenant, other_tenant, clock, monkeypatch):
    ours, theirs = accept(tenant, "I drink tea."), accept(other_tenant, "I drink tea.")
    assert clock.sweep(monkeypatch) == []
    clock.pass_seconds(31)

    assert clock.sweep(monkeypatch) == [(tenant.id, ours), (other_tenant.id, theirs)]
    assert clock.sweep(monkeypatch) == []
    clock.pass_seconds(31)
    assert len(clock.sweep(monkeypatch)) == 2


def test_sweeper_adds_nothing_to_a_queue_that_is_full(tenant, clock, monkeypatch):
    for _ in range(3):
        accept(tenant, "I drink tea.")
    clock.pass_seconds(31)

    assert len(clock.sweep(monkeypatch, waiting=queue.MOST_WAITING - 1)) == 1
    assert clock.sweep(monkeypatch, waiting=queue.MOST_WAITING) == []
    assert len(clock.sweep(monkeypatch, waiting=queue.MOST_WAITING - 2)) == 2


def test_job_that_was_sent_while_it_is_leased_is_looked_at_when_that_ends(tenant, clock):
    job_id = accept(tenant, "I drink tea.")
    lease = take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)
    queue.put_off([job_id], timezone.now() + queue.RESEND * 10)  # as a sweep may have done

    assert take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM) is None

    assert due() == {job_id: lease.job.leased_until}


def test_sweeper_without_a_broker_leaves_everything_due(tenant, clock):
    job_id = accept(tenant, "I drink tea.")
    before = due()
    clock.pass_seconds(31)

    assert queue.sweep_jobs() == 0
    assert due() == before == {job_id: before[job_id]}


def test_worker_that_dies_again_and_again_fails_the_job(tenant, clock, settings):
    settings.JOB_TRIES = 3
    job_id = accept(tenant, "I drink tea.")

    for _ in range(3):
        take_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)
        clock.pass_seconds(60)
    work(tenant, job_id)

    job = read(tenant, job_id)
    assert (job.state, job.error) == ("FAILED", "worker-lost")
    assert (current(tenant), due()) == ([], {})


@pytest.mark.parametrize(
    ("tries", "pause"), [(1, 5), (2, 10), (3, 20), (8, 640), (9, 900), (50, 900)]
)
def test_pauses_get_longer(tenant, clock, failing, settings, tries, pause):
    settings.JOB_TRIES = 100
    job_id = accept(tenant, "I drink tea.")
    with tenant_scope(tenant.id):
        Job.objects.update(tries=tries - 1)
    failing.append(ExtractorError(JobError.HOST_FAILED))

    work(tenant, job_id)

    job = read(tenant, job_id)
    assert (job.state, job.error, job.lease) == ("PENDING", "host-failed", None)
    assert due()[job_id] == job.leased_until == timezone.now() + timedelta(seconds=pause)


def test_host_says_how_long_to_wait(tenant, clock, failing):
    job_id = accept(tenant, "I drink tea.")
    failing.append(ExtractorError(JobError.BUSY, wait=120))

    work(tenant, job_id)

    assert due()[job_id] == timezone.now() + timedelta(seconds=120)


def test_job_goes_on_after_errors(tenant, clock, failing):
    job_id = accept(tenant, "I drink tea.")
    failing += [
        ExtractorError(JobError.TIMED_OUT),
        ValueError("a bug"),
        ExtractorError(JobError.BUSY),
    ]
    errors = []
    for _ in range(4):
        work(tenant, job_id)
        errors.append(read(tenant, job_id).error)
        clock.pass_seconds(1_000)

    assert errors == ["timed-out", "internal", "busy", ""]
    assert (read(tenant, job_id).state, current(tenant)) == ("SUCCEEDED", ["I drink tea."])


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (ExtractorError(JobError.KEY_REFUSED, is_final=True), 1),
        (ExtractorError(JobError.NONSENSE), 3),
        (ExtractorError(JobError.UNREACHABLE), 4),
    ],
)
def test_job_fails_with_its_reason_and_keeps_its_messages(
    tenant, clock, failing, settings, error, tries
):
    settings.JOB_TRIES = 4
    job_id = accept(tenant, "I drink tea.")
    failing += [error] * 10

    done = 0
    while work(tenant, job_id):
        done += 1
        clock.pass_seconds(1_000)

    job = read(tenant, job_id)
    assert (job.state, job.error, done) == ("FAILED", error.reason, tries)
    assert job.ended_at is not None
    assert count(tenant, Message) == 1
    assert actions(tenant)[-1] == "job.fail"


def test_failed_job_can_be_retried_and_lets_the_next_one_on(tenant, failing):
    first, second = accept(tenant, "I live in Oslo."), accept(tenant, "I live in Rome.")
    failing.append(ExtractorError(JobError.KEY_REFUSED, is_final=True))
    finish(tenant, first)
    finish(tenant, second)

    retry_job(tenant_id=tenant.id, job_id=first, by=SYSTEM)

    assert finish(tenant, first).state == "SUCCEEDED"
    assert current(tenant) == ["I live in Oslo."]
    assert "job.retry" in actions(tenant)


def test_only_a_failed_job_can_be_retried(tenant):
    job = infer(tenant, "I drink tea.")

    with pytest.raises(Conflict):
        retry_job(tenant_id=tenant.id, job_id=job.id, by=SYSTEM)
    with pytest.raises(NotFound):
        retry_job(tenant_id=tenant.id, job_id=uuid7(), by=SYSTEM)


def test_lost_embedder_is_waited_for(tenant, monkeypatch):
    from apps.common.errors import Unavailable
    from apps.memories.domain import running

    job_id = accept(tenant, "I drink tea.")

    def refuse(*_, tenant_id):
        raise Unavailable("down")

    monkeypatch.setattr(running, "embed_texts", refuse)

    work(tenant, job_id)

    assert (read(tenant, job_id).state, read(tenant, job_id).error) == ("PENDING", "embedder")


def test_job_without_an_extractor_fails_and_can_be_retried(tenant, settings):
    job_id = accept(tenant, "I drink tea.")
    settings.EXTRACTOR = "verbatim"

    assert finish(tenant, job_id).error == "no-extractor"
    settings.EXTRACTOR = "rules"
    retry_job(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)
    assert finish(tenant, job_id).state == "SUCCEEDED"


def test_tokens_of_a_job_are_limited(tenant, settings):
    settings.EXTRACTION_JOB_TOKENS = 100
    job_id = accept(tenant, "I drink tea.")
    with tenant_scope(tenant.id):
        Job.objects.update(tokens_in=60, tokens_out=40)

    assert finish(tenant, job_id).error == "job-tokens"


def test_tokens_of_a_day_are_limited(tenant, other_tenant, settings, clock):
    settings.EXTRACTION_DAY_TOKENS = 100
    infer(tenant, "I swim.")
    with tenant_scope(tenant.id):
        Job.objects.update(tokens_in=60, tokens_out=40)
    waiting, free = accept(tenant, "I drink tea."), accept(other_tenant, "I drink tea.")

    assert (work(tenant, waiting), work(other_tenant, free)) == (False, True)
    job = read(tenant, waiting)
    assert (job.state, job.error, due()[waiting].isoformat()) == (
        "PENDING",
        "day-tokens",
        "2026-05-05T00:00:00+00:00",
    )
    clock.pass_seconds(14 * 3600)
    assert finish(tenant, waiting).state == "SUCCEEDED"


class TestRepeats:
    repeat = Repeat("k1", b"body")

    def test_same_request_is_answered_with_its_job(self, tenant):
        first = accept(tenant, "I drink tea.", repeat=self.repeat)

        assert accept(tenant, "I drink tea.", repeat=self.repeat) == first
        finish(tenant, first)
        assert accept(tenant, "I drink tea.", repeat=self.repeat) == first
        assert (count(tenant, Job), count(tenant, Message)) == (1, 1)

    def test_other_body_is_a_conflict(self, tenant):
        accept(tenant, "I drink tea.", repeat=self.repeat)

        with pytest.raises(Conflict) as refused:
            accept(tenant, "I swim.", repeat=Repeat("k1", b"other"))

        assert refused.value.field == "Idempotency-Key"
        assert count(tenant, Job) == 1

    def test_key_is_kept_for_a_day(self, tenant, clock):
        first = accept(tenant, "I drink tea.", repeat=self.repeat)
        clock.pass_seconds(86_399)
        assert accept(tenant, "I drink tea.", repeat=self.repeat) == first
        clock.pass_seconds(1)

        assert accept(tenant, "I swim.", repeat=Repeat("k1", b"other")) != first

    def test_keys_are_an_applications_own(self, tenant, other_tenant):
        one, two = (Actor(ActorKind.API_KEY, uuid7()) for _ in range(2))
        first = accept(tenant, "I drink tea.", repeat=self.repeat, by=one)

        assert accept(tenant, "I drink tea.", repeat=self.repeat, by=two) != first
        assert accept(other_tenant, "I drink tea.", repeat=self.repeat, by=one) != first

    def test_verbatim_add_is_answered_as_before_even_after_a_delete(self, tenant):
        new = make_new("Tea.", "Tea.", "Milk.")
        first = add_memories(tenant_id=tenant.id, new=new, repeat=self.repeat, by=SYSTEM)
        delete_memory(tenant_id=tenant.id, memory_id=first.added[0].memory_id, by=SYSTEM)

        again = add_memories(tenant_id=tenant.id, new=new, repeat=self.repeat, by=SYSTEM)

        assert again == first
        assert [added.is_new for added in first.added] == [True, False, True]
        assert current(tenant) == ["Milk."]


class TestDeletes:
    def test_source_messages_go_with_their_last_memory(self, tenant):
        infer(tenant, "I drink tea. I swim.")
        with tenant_scope(tenant.id):
            ids = list(Memory.objects.order_by("id").values_list("id", flat=True))

        delete_memory(tenant_id=tenant.id, memory_id=ids[0], by=SYSTEM)
        assert (count(tenant, Message), count(tenant, Source)) == (1, 1)
        delete_memory(tenant_id=tenant.id, memory_id=ids[1], by=SYSTEM)
        assert (count(tenant, Message), count(tenant, Source)) == (0, 0)

    def test_superseded_memory_keeps_its_own_message(self, tenant):
        infer(tenant, "I live in Oslo.")
        infer(tenant, "I live in Rome.")
        with tenant_scope(tenant.id):
            [rome] = Memory.objects.current()

        delete_memory(tenant_id=tenant.id, memory_id=rome.id, by=SYSTEM)

        with tenant_scope(tenant.id):
            assert [row.content for row in Message.objects.all()] == ["I live in Oslo."]
        assert current(tenant) == []

    def test_delete_by_filter_ends_jobs_of_the_same_entities(self, tenant):
        add(tenant, "A memory.")
        ours, others = accept(tenant, "I drink tea."), accept(tenant, "I swim.", user="bob")
        lease = take_job(tenant_id=tenant.id, job_id=ours, by=SYSTEM)

        deleted = delete_memories(
            tenant_id=tenant.id, filters=parse_filters({"user_id": "ada"}), by=SYSTEM
        )

        assert (deleted, read(tenant, ours).error, count(tenant, Message)) == (1, "deleted", 1)
        with pytest.raises(LeaseLost):
            renew_lease(lease, spent=(0, 0))
        assert list(due()) == [others]
        finish(tenant, others)
        assert current(tenant) == ["I swim."]
        assert "job.cancel" in actions(tenant)
        with pytest.raises(Conflict):
            retry_job(tenant_id=tenant.id, job_id=ours, by=SYSTEM)

    def test_destroyed_key_ends_the_job_and_its_messages(self, tenant):
        job_id = accept(tenant, "I drink tea.")
        with tenant_scope(tenant.id):
            destroy_entity_keys(Entity.objects.values_list("id", flat=True))

        job = finish(tenant, job_id)

        assert (job.state, job.error) == ("FAILED", "key-destroyed")
        assert count(tenant, Message) == 0
