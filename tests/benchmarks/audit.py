"""What the audit trail costs writers, and how it fares when it is long.

audit.py [--events 1000000] [--seconds 4] prints one JSON document:
writes   changes per second by several processes at once, each change with its event and without
         ("bare": everything but the statement that writes the event), all of one hot tenant or
         spread over many, while the sealer runs every 3 seconds. `change` is the smallest one, a
         transaction with one row; `add` is one memory through the API's domain function.
trail    sealing and verifying that many events of one tenant, with the memory that each took,
         and the timeline by filter: milliseconds of its statements, and their plan

On one throw-away database whose commits wait for the disk. The embedding model is left out.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
PROJECT = _HERE.parents[1]
sys.path[:] = [
    str(PROJECT), str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)
]  # fmt: skip

from benchmarks.sentences import sentence  # noqa: E402
from benchmarks.walls import Embedder, throw_away_database  # noqa: E402

CHANGES = ("change", "add")
CLIENTS = (1, 4)
SEALED_EVERY = 3  # seconds, as the worker does
CHUNK = 1_000
DAYS = 365  # over which the long trail's events lie
ACTORS, TARGETS = 40, 5_000
REPEATS = 15

Answer = dict[str, Any]


# Each of these runs in a process of its own and answers lines of JSON by lines of JSON.


def write(asked: Answer) -> Answer:
    """Changes of random tenants among these, for some seconds."""
    from apps.audit.domain import events

    events._insert_events = _insert if asked["is_audited"] else leave_out
    act, source = ACTS[asked["change"]], random.Random(os.getpid())
    tenants = [UUID(one) for one in asked["tenants"]]
    count, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < asked["seconds"]:
        act(source.choice(tenants), source)
        count += 1
    return {"per_s": count / spent}


def leave_out(_: Any) -> None: ...


def change(tenant_id: UUID, _: random.Random) -> None:
    from django.utils import timezone

    from apps.audit.actions import Action
    from apps.audit.domain import record
    from apps.common.actor import SYSTEM
    from apps.isolation.scope import tenant_scope
    from apps.isolation.writes import Insert
    from apps.memories.models import Erasure

    with tenant_scope(tenant_id):
        Insert(Erasure)([Erasure(digests=[b"x"], erased_at=timezone.now())])
        record(Action.MEMORY_DELETE, by=SYSTEM, target_id=tenant_id, deleted=1)


def add(tenant_id: UUID, source: random.Random) -> None:
    from django.utils import timezone

    from apps.common.actor import SYSTEM
    from apps.memories.domain.memories import add_memories
    from apps.memories.domain.values import NewMemories, NewMessage
    from apps.memories.enums import EntityKind

    text = f"{sentence(source)} {source.random()}"
    who = {EntityKind.USER: f"user {source.randrange(50)}"}
    new = NewMemories([NewMessage(text)], entity_ids=who, created_at=timezone.now())
    add_memories(tenant_id=tenant_id, new=new, by=SYSTEM)


ACTS: dict[str, Callable[[UUID, random.Random], None]] = {"change": change, "add": add}


def seal_now_and_then(asked: Answer) -> Answer:
    """As the worker does, for some seconds."""
    from apps.audit.domain.sealing import seal_due
    from apps.common.actor import SYSTEM

    ends, count = time.monotonic() + asked["seconds"], 0
    while time.monotonic() < ends:
        count += seal_due(goes_on=lambda: time.monotonic() < ends, by=SYSTEM)
        time.sleep(min(SEALED_EVERY, max(0.0, ends - time.monotonic())))
    return {"sealed": count}


def make_tenants(asked: Answer) -> Answer:
    from apps.common.actor import SYSTEM
    from apps.tenants.domain.tenants import create_tenant

    made = [create_tenant(name=f"Bench {number}", by=SYSTEM) for number in range(asked["count"])]
    return {"ids": [str(tenant.id) for tenant in made]}


def fill(asked: Answer) -> Answer:
    """A year of events, the oldest first, written as `record` writes them, many at a time."""
    from apps.audit.domain.events import _insert_events
    from apps.isolation.scope import tenant_scope

    source, left = random.Random(1), asked["events"]
    people = [random_id(source) for _ in range(ACTORS)]
    targets = [random_id(source) for _ in range(TARGETS)]
    step = timedelta(days=DAYS) / left
    while left:
        count = min(CHUNK, left)
        with tenant_scope(UUID(asked["tenant"])):
            _insert_events([
                make_event(source, step * (left - number), people, targets)
                for number in range(count)
            ])  # fmt: skip
        left -= count
    return {}


def make_event(source: random.Random, ago: timedelta, people: list[UUID], ids: list[UUID]) -> Any:
    from django.utils import timezone

    from apps.audit.actions import Action, Outcome, Refusal
    from apps.audit.models import AuditEvent
    from apps.common.actor import ActorKind
    from apps.common.ids import first_id

    at, who, kind = timezone.now() - ago, source.choice(people), ActorKind.API_KEY
    action, facts, outcome = Action.MEMORY_ADD, {"added": 1, "repeated": 0}, Outcome.DONE
    chance = source.random()
    if chance < 0.3:
        action, facts, kind = Action.MEMORY_READ, {"count": 25}, ActorKind.OPERATOR
    elif chance > 0.9999:
        action, facts, outcome = Action.MEMORY_DELETE, {"reason": Refusal.CONFLICT}, Outcome.FAILED
    elif chance > 0.9998:
        action, facts, who, kind = Action.KEYS_ROTATE, {}, None, ActorKind.SYSTEM
    event_id = UUID(int=first_id(at).int | 7 << 76 | 0b10 << 62 | source.getrandbits(62))
    return AuditEvent(
        id=event_id, occurred_at=at, action=action, actor_kind=kind, actor_id=who,
        target_id=source.choice(ids), outcome=outcome, facts=facts,
    )  # fmt: skip


def random_id(source: random.Random) -> UUID:
    return UUID(int=source.getrandbits(128), version=4)


def seal(asked: Answer) -> Answer:
    from apps.audit.domain.sealing import seal_tenant
    from apps.audit.domain.signing import read_signer
    from apps.common.actor import SYSTEM

    signer = read_signer(by=SYSTEM)
    return timed(lambda: seal_tenant(tenant_id=UUID(asked["tenant"]), signer=signer, by=SYSTEM))


def verify(asked: Answer) -> Answer:
    from apps.audit.domain.signing import read_public_keys
    from apps.audit.domain.verification import verify_trail

    keys, problems = read_public_keys(), []

    def act() -> int:
        found = verify_trail(tenant_id=UUID(asked["tenant"]), keys=keys)
        problems.extend(found.problems)
        return found.events

    return timed(act) | {"problems": len(problems)}


def timed(act: Callable[[], int]) -> Answer:
    """`act` answers how many events it did."""
    before, started = peak_mb(), time.perf_counter()
    events = act()
    spent = time.perf_counter() - started
    return {
        "events": events, "seconds": round(spent, 2), "per_s": round(events / spent),
        "peak_mb": peak_mb(), "peak_mb_before": before,
    }  # fmt: skip


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timeline(asked: Answer) -> Answer:
    """By filter: the median of what a page's statements take, and how PostgreSQL finds its rows."""
    from apps.dashboard.queries.audit import PAGE_SIZE, list_events, select_events
    from apps.isolation.scope import tenant_scope

    found = {}
    for name, (chosen, before) in list_filters(UUID(asked["tenant"])).items():
        times = []
        for _ in range(REPEATS):
            with tenant_scope(UUID(asked["tenant"])):
                started = time.perf_counter()
                events = list_events(chosen, before=before).events
                times.append(time.perf_counter() - started)
        with tenant_scope(UUID(asked["tenant"])):
            rows = select_events(chosen).order_by("-id")
            rows = rows.filter(id__lt=before) if before else rows
            plan = json.loads(rows[: PAGE_SIZE + 1].explain(format="json"))[0]["Plan"]
        ms = round(median(times) * 1000, 1)
        found[name] = {"ms": ms, "events": len(events), "plan": list(describe(plan))}
    return found


def list_filters(tenant_id: UUID) -> dict[str, tuple[Answer, UUID | None]]:
    from django.utils import timezone

    from apps.audit.models import AuditEvent
    from apps.isolation.scope import tenant_scope

    with tenant_scope(tenant_id):
        some = AuditEvent.objects.filter(action="memory.add").order_by("id")[CHUNK]
    day = timezone.now().date() - timedelta(days=DAYS // 2)
    return {
        "newest": ({}, None),
        "oldest": ({}, some.id),
        "actor": ({"who": some.actor_id}, None),
        "system": ({"who": "system"}, None),
        "action": ({"action": "memory.read"}, None),
        "rare action": ({"action": "keys.rotate"}, None),
        "action that never was": ({"action": "login.failed"}, None),
        "target": ({"target": some.target_id}, None),
        "refused": ({"outcome": "failed"}, None),
        "one day": ({"since": day, "until": day}, None),
        "actor and rare action": ({"who": some.actor_id, "action": "memory.delete"}, None),
        "action before a day": ({"action": "memory.add", "until": day}, None),
    }


def describe(plan: Answer) -> Iterator[str]:
    index = plan.get("Index Name")
    yield f"{plan['Node Type']} ({index})" if index else plan["Node Type"]
    for part in plan.get("Plans", []):
        yield from describe(part)


ROLES = {
    role.__name__: role
    for role in (write, seal_now_and_then, make_tenants, fill, seal, verify, timeline)
}


def serve(role: str) -> None:
    import logging

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "memoryhub.settings"
    django.setup()
    from apps.audit.domain import events
    from apps.memories.domain import vectors

    global _insert
    _insert, vectors.get_embedder = events._insert_events, Embedder
    logging.disable(logging.INFO)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(ROLES[role](json.loads(line))) + "\n")
        sys.stdout.flush()


_insert: Any = None


# What drives them.


class Process:
    """A role's process: `ask` and then `answer`, so that several can be at work at once."""

    def __init__(self, role: str, variables: dict[str, str]) -> None:
        self.child = subprocess.Popen(
            [sys.executable, __file__, "--serve", role],
            cwd=PROJECT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, **asked: Any) -> "Process":
        assert self.child.stdin
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        return self

    def answer(self) -> Answer:
        assert self.child.stdout
        return json.loads(self.child.stdout.readline())

    def close(self) -> None:
        assert self.child.stdin
        self.child.stdin.close()
        self.child.wait(60)


@contextmanager
def running(role: str, variables: dict[str, str]) -> Iterator[Process]:
    process = Process(role, variables)
    try:
        yield process
    finally:
        process.close()


def measure_writes(arguments: argparse.Namespace, variables: dict[str, str]) -> Answer:
    with running("make_tenants", variables) as maker:
        ids = maker.ask(count=arguments.tenants).answer()["ids"]
    with ExitStack() as stack:
        sealer = stack.enter_context(running("seal_now_and_then", variables))
        writers = [stack.enter_context(running("write", variables)) for _ in range(max(CLIENTS))]
        warm_up(writers, ids)
        cells = [
            (change, clients, where, is_audited)
            for change in CHANGES
            for clients in CLIENTS
            for where in ("one tenant", f"{arguments.tenants} tenants")
            for is_audited in (True, False)
        ]
        sealer.ask(seconds=arguments.seconds * len(cells) * arguments.rounds)
        rounds = [
            {cell: run_cell(writers, ids, arguments.seconds, *cell) for cell in cells}
            for _ in range(arguments.rounds)
        ]
        sealed = sealer.answer()["sealed"]
    return {"sealed_meanwhile": sealed, **summarize(cells, rounds)}


def warm_up(writers: list[Process], ids: list[str]) -> None:
    for change in CHANGES:
        run_cell(writers, ids, 0.5, change, len(writers), "", is_audited=True)


def run_cell(
    writers: list[Process], ids: list[str], seconds: float,
    change: str, clients: int, where: str, is_audited: bool,
) -> float:  # fmt: skip
    """Changes per second of that many writers together."""
    asked = {
        "change": change,
        "seconds": seconds,
        "tenants": ids[:1] if where == "one tenant" else ids,
        "is_audited": is_audited,
    }
    busy = [writer.ask(**asked) for writer in writers[:clients]]
    return sum(writer.answer()["per_s"] for writer in busy)


def summarize(cells: list[Any], rounds: list[dict[Any, float]]) -> Answer:
    """Medians of the rounds, with `share`: how fast with events, of how fast without."""
    found: Answer = {}
    for change, clients, where, is_audited in cells:
        if not is_audited:
            continue
        pairs = [
            (one[change, clients, where, True], one[change, clients, where, False])
            for one in rounds
        ]
        found.setdefault(change, {}).setdefault(f"{clients} at once", {})[where] = {
            "audited": round(median(audited for audited, _ in pairs)),
            "bare": round(median(bare for _, bare in pairs)),
            "share": round(median(audited / bare for audited, bare in pairs), 2),
        }
    return found


def measure_trail(arguments: argparse.Namespace, variables: dict[str, str]) -> Answer:
    with running("make_tenants", variables) as maker:
        [tenant] = maker.ask(count=1).answer()["ids"]
    found = {}
    for role in ("fill", "seal", "verify", "timeline"):
        with running(role, variables) as process:
            found[role] = process.ask(tenant=tenant, events=arguments.events).answer()
        if role == "seal":
            analyze(variables)
    del found["fill"]
    return found


def analyze(variables: dict[str, str]) -> None:
    """What autovacuum does within a minute or so."""
    import psycopg

    with psycopg.connect(variables["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE audit_auditevent, audit_auditseal, audit_due")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="of the long trail")
    parser.add_argument("--seconds", type=float, default=4, help="of each cell of the writes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tenants", type=int, default=1_000)
    parser.add_argument("--only", choices=("writes", "trail"))
    parser.add_argument("--serve", choices=ROLES, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if arguments.serve:
        serve(arguments.serve)
        return 0
    parts = {"writes": measure_writes, "trail": measure_trail}
    with throw_away_database(durable=True) as variables:
        found = {
            name: part(arguments, variables)
            for name, part in parts.items()
            if arguments.only in {None, name}
        }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
