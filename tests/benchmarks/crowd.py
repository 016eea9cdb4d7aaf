"""One tenant with many people, as pages.py looks at it: written by the domain's own bulk ways.

One person has a tenth of all memories, three tenths belong to people of 100, the rest have few.
Most memories have categories and metadata, some name an agent, an app or a run, some are deleted,
superseded or expired, a few people are restricted. Beside them: jobs with messages, requests,
audit events, and a quarter of hourly counts. Needs a prepared Django.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from benchmarks.openai_stub import embed
from benchmarks.sentences import sentence
from django.utils import timezone

from apps.common.actor import SYSTEM, Actor
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert
from apps.memories.domain.drafts import Draft, insert_drafts, make_digest
from apps.memories.domain.entities import _create_entities
from apps.memories.enums import EntityKind, JobState, Verdict
from apps.memories.models import Entity, Job, Memory, Message, Source, Vector
from apps.memories.store import destroy_memories
from apps.operations.domain.rollups import measure_tenant, write_counts
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import RequestKind, Via

NAME = "crowd"
LARGE, MEDIUM = "large", "medium 0"
AGENTS, APPS, MEMORIES_A_RUN = 20, 3, 5
CATEGORIES = tuple(f"category {number}" for number in range(12))
CHANNELS = ("chat", "mail", "phone", "web")
PEOPLE_AT_ONCE = 20
DAYS = 365
HOURS = 90 * 24

User = tuple[str, int]


def plan(memories: int, users: int) -> list[User]:
    """Names and sizes, the largest first."""
    medium = [(f"medium {number}", 100) for number in range(memories * 3 // 1_000)]
    few = max(1, users - 1 - len(medium))
    left = memories - memories // 10 - 100 * len(medium)
    sizes = [left // few + (number < left % few) for number in range(few)]
    return [
        (LARGE, memories // 10),
        *medium,
        *((f"user {n}", size) for n, size in enumerate(sizes)),
    ]


def fill(tenant: Any, *, memories: int, users: int, by: Actor) -> None:
    source, people = random.Random(1), iter(plan(memories, users))
    with tenant_scope(tenant.id):
        others = _make_others(memories)
    number = 0
    while some := list(islice(people, PEOPLE_AT_ONCE)):
        with tenant_scope(tenant.id):
            for entity, size in _make_people(some):
                for start in range(0, size, 1_000):
                    count = min(1_000, size - start)
                    _add(source, entity, others, range(number, number + count))
                    number += count
    with tenant_scope(tenant.id):
        _change(source)
        _make_jobs(source, memories // 5)
    for name, _ in plan(memories, users)[1 : memories // 500]:
        new = NewRequest(RequestKind.ACCESS, EntityKind.USER, name, via=Via.OPERATOR)
        open_request(tenant_id=tenant.id, new=new, by=by)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    counts = {"adds": 40, "searches": 90, 20: 60, 24: 30, "jobs_done": 9}
    write_counts({(tenant.id, now - timedelta(hours=hour)): counts for hour in range(HOURS)})
    measure_tenant(tenant.id)


def _make_others(memories: int) -> dict[str, list[Entity]]:
    counts = {"agent": AGENTS, "app": APPS, "run": max(1, memories // 10 // MEMORIES_A_RUN)}
    names = [
        (EntityKind(kind), f"{kind} {n}") for kind, count in counts.items() for n in range(count)
    ]
    rows = _create_entities(names, by=SYSTEM)
    return {kind: [row for row in rows if row.kind == kind] for kind in counts}


def _make_people(some: list[User]) -> Iterator[tuple[Entity, int]]:
    rows = _create_entities([(EntityKind.USER, name) for name, _ in some], by=SYSTEM)
    return zip(rows, (size for _, size in some), strict=True)


def _add(
    source: random.Random, owner: Entity, others: dict[str, list[Entity]], numbers: range
) -> None:
    texts = [f"{sentence(source)} {number}" for number in numbers]
    memories = [
        _make(source, owner, others, number, text)
        for number, text in zip(numbers, texts, strict=True)
    ]
    drafts = [Draft(*pair) for pair in zip(memories, embed(texts), strict=True)]
    insert_drafts(drafts)


def _make(
    source: random.Random, owner: Entity, others: dict[str, list[Entity]], number: int, text: str
) -> Memory:
    shares = {"agent": 0.2, "app": 0.1, "run": 0.1}
    named = {
        f"{kind}_id": source.choice(others[kind]).id
        for kind, share in shares.items()
        if source.random() < share
    }
    at = timezone.now() - timedelta(days=DAYS * source.random())
    ids = [owner.id, *(named.get(f"{kind}_id") for kind in shares)]
    return Memory(
        key_owner_id=owner.id, user_id=owner.id, **named, text=text, role="user",
        metadata=_make_metadata(source, number) if source.random() < 0.8 else None,
        categories=_choose(source) if source.random() < 0.6 else None,
        digest=make_digest(ids, "user", text), created_at=at, updated_at=at,
        expires_on=at.date() + timedelta(days=30) if source.random() < 0.02 else None,
    )  # fmt: skip


def _make_metadata(source: random.Random, number: int) -> dict[str, Any]:
    return {"channel": source.choice(CHANNELS), "number": number}


def _choose(source: random.Random) -> list[str]:
    """The first category is on a third of those that have any, the last on one of 700."""
    return [CATEGORIES[min(int(source.expovariate(0.45)), len(CATEGORIES) - 1)]]


def _change(source: random.Random) -> None:
    ids = list(Memory.objects.order_by("id").values_list("id", flat=True))
    destroy_memories(source.sample(ids, len(ids) // 50), timezone.now())
    live = list(Memory.objects.live().order_by("id").values_list("id", flat=True))
    old = source.sample(live, len(live) // 100)
    Memory.objects.filter(id__in=old).update(replaced_by=live[-1], digest=None)
    Vector.objects.filter(id__in=old).delete()
    people = Entity.objects.filter(kind=EntityKind.USER).order_by("id")
    some = list(people.values_list("id", flat=True))[-3:]
    Entity.objects.filter(id__in=some).update(restricted_at=timezone.now())


def _make_jobs(source: random.Random, count: int) -> None:
    """Each made one memory of one message; of a hundred one failed, and one waits."""
    live = Memory.objects.live().exclude(user=None).order_by("id")
    for start in range(0, count, 1_000):
        rows = list(live[start : start + min(1_000, count - start)])
        jobs = [_make_job(source, memory) for memory in rows]
        messages = [
            Message(job_id=job.id, key_owner_id=job.key_owner_id, number=0, role="user",
                    content=sentence(source))
            for job in jobs
        ]  # fmt: skip
        Insert(Job)(jobs)
        Insert(Message)(messages)
        Insert(Source)([
            Source(memory_id=memory.id, message_id=message.id)
            for memory, message in zip(rows, messages, strict=True)
        ])  # fmt: skip


def _make_job(source: random.Random, memory: Memory) -> Job:
    chance, at = source.random(), memory.created_at
    state = JobState.SUCCEEDED
    if chance < 0.02:
        state = JobState.FAILED if chance < 0.01 else JobState.PENDING
    is_done = state == JobState.SUCCEEDED
    return Job(
        key_owner_id=memory.key_owner_id, user_id=memory.user_id, state=state,
        request={"metadata": None}, said_at=at, actor_kind="system", total=1, done=int(is_done),
        results=[{"verdict": Verdict.NEW, "id": str(memory.id)}] if is_done else [],
        created_at=at, updated_at=at, started_at=at,
        ended_at=None if state == JobState.PENDING else at,
    )  # fmt: skip
