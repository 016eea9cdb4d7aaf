"""What the walls between tenants and the keys cost: searches and adds with them and without.

walls.py [--seconds 10] [--memories 1000] prints {"search": {"per_s": {"all": ..., "none": ...},
"ratio": {"none": ..., "no_keys": ...}}, "add": ...}. A ratio is how fast it is with everything,
as a share of how fast without that: the median of the rounds, in which the variants take turns.

Each variant is a process of its own on one throw-away database, and calls the API in process. The
embedding model is left out and commits do not wait for a disk, so that what is measured weighs
most. What a variant leaves out:
no_row_security  policies (it serves as the superuser) and the setting that they read
no_row_filters   the checks of the ORM's statements and of written rows; predicates stay
no_keys          sealing, and every reading and making of keys
none             all three
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
PROJECT = _HERE.parents[1]
sys.path[:] = [
    str(PROJECT), str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)
]  # fmt: skip

from benchmarks.openai_stub import embed  # noqa: E402
from benchmarks.sentences import question, sentence  # noqa: E402

PARTS = ("row_security", "row_filters", "keys")
VARIANTS = {"all": (), **{f"no_{part}": (part,) for part in PARTS}, "none": PARTS}
OPERATIONS = ("search", "add")
WRITERS = 20
PER_ADD = 100
WARM_UP = 20


def serve(variant: str, memories: int) -> None:
    """Of a variant's process: answers each line `operation seconds` with what it did."""
    send = prepare(VARIANTS[variant])
    source = random.Random(variant)
    people = ["ada", *(f"writer {number}" for number in range(WRITERS))]
    for person, count in zip(people, [memories] + [1] * WRITERS, strict=True):
        for start in range(0, count, PER_ADD):
            add(send, person, [sentence(source) for _ in range(min(PER_ADD, count - start))])
    acts: dict[str, Callable[[], None]] = {
        "search": lambda: search(send, question(source), top_k=min(20, memories)),
        "add": lambda: add(send, source.choice(people[1:]), [sentence(source)]),
    }
    for act in acts.values():
        for _ in range(WARM_UP):
            act()
    answer("ready")
    for line in sys.stdin:
        name, seconds = line.split()
        answer(repeat(acts[name], float(seconds)))


def answer(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def repeat(act: Callable[[], None], seconds: float) -> tuple[int, float]:
    count, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        act()
        count += 1
    return count, spent


Send = Callable[[str, dict[str, Any]], dict[str, Any]]


def add(send: Send, user_id: str, texts: list[str]) -> None:
    messages = [{"role": "user", "content": text} for text in texts]
    found = send("/v3/memories/add/", {"messages": messages, "user_id": user_id, "infer": False})
    assert [row["event"] for row in found["results"]] == ["ADD"] * len(texts)


def search(send: Send, query: str, *, top_k: int) -> None:
    body = {"query": query, "filters": {"user_id": "ada"}, "top_k": top_k, "threshold": 0}
    found = send("/v3/memories/search/", body)
    assert len(found["results"]) == top_k


def prepare(left_out: tuple[str, ...]) -> Send:
    """The API in this process without these parts, and a tenant of its own."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "memoryhub.settings"
    django.setup()
    from benchmarks.parts import leave_out  # its imports need the applications

    leave_out(left_out)
    return open_api()


def open_api() -> Send:
    import gc
    import logging

    from django.conf import settings
    from django.test import RequestFactory
    from django.test.client import ClientHandler

    from apps.common.actor import SYSTEM
    from apps.memories.domain import vectors
    from apps.tenants.domain.api_keys import create_api_key
    from apps.tenants.domain.tenants import create_tenant

    vectors.get_embedder = Embedder
    settings.MIDDLEWARE, settings.ALLOWED_HOSTS = settings.API_MIDDLEWARE, ["*"]
    logging.disable(logging.INFO)
    name = f"bench-{os.getpid()}"
    tenant = create_tenant(name=name, slug=name, by=SYSTEM)
    headers = {"Authorization": f"Token {create_api_key(tenant=tenant, name=name, by=SYSTEM)[1]}"}
    handler, factory = ClientHandler(), RequestFactory()

    def send(path: str, body: dict[str, Any]) -> dict[str, Any]:
        given = factory.post(path, json.dumps(body), "application/json", headers=headers)
        found = handler(given.environ)
        assert found.status_code == 200, found.content
        return json.loads(found.content)

    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as memoryhub/wsgi.py does
    return send


class Embedder:
    """Vectors of the text alone, which cost next to nothing."""

    def embed_texts(self, texts: list[str]) -> list[Any]:
        return list(embed(texts))

    def embed_query(self, text: str) -> Any:
        return embed([text])[0]


@contextmanager
def throw_away_database(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """The variables by which a process finds it; migrated, with a first tenant."""
    from memoryhub.embedded import layout, postgres, server

    folder = layout.prepare(Path(tempfile.mkdtemp(prefix="memoryhub-bench-")))
    process = server.start(folder, durable=durable)
    try:
        variables = {
            "PATH": os.environ["PATH"],
            "MEMORYHUB_DATA_DIR": str(folder.root),
            "DATABASE_OWNER_URL": postgres.url(folder.root, postgres.Role.OWNER),
            "DATABASE_URL": postgres.url(folder.root, postgres.Role.APP),
            "SUPERUSER_URL": postgres.url(folder.root, postgres.Role.SUPERUSER),
        }
        for command in ("migrate", "first_run"):
            arguments = [sys.executable, "manage.py", command, "--verbosity", "0"]
            subprocess.run(
                arguments, cwd=PROJECT, env=variables, check=True, stdout=subprocess.DEVNULL
            )
        yield variables
    finally:
        server.stop(process)
        shutil.rmtree(folder.root, ignore_errors=True)


@contextmanager
def running(variant: str, memories: int, variables: dict[str, str]) -> Iterator[Any]:
    """A variant's process; hands out what makes it repeat an operation for some seconds."""
    if "row_security" in VARIANTS[variant]:
        variables = variables | {"DATABASE_URL": variables["SUPERUSER_URL"]}
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", variant, "--memories", str(memories)],
        cwd=PROJECT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout

    def run(operation: str, seconds: float) -> float:
        process.stdin.write(f"{operation} {seconds}\n")
        process.stdin.flush()
        count, spent = json.loads(process.stdout.readline())
        return count / spent

    try:
        assert json.loads(process.stdout.readline()) == "ready"
        yield run
    finally:
        process.stdin.close()
        process.wait(30)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    slices = max(1, round(arguments.seconds / arguments.slice))
    with ExitStack() as stack:
        variables = stack.enter_context(throw_away_database())
        runs = {
            variant: stack.enter_context(running(variant, arguments.memories, variables))
            for variant in arguments.variants
        }
        rounds = [
            {
                (operation, variant): run(operation, arguments.slice)
                for operation in OPERATIONS
                for variant, run in runs.items()
            }
            for _ in range(slices)
        ]
    return {operation: summarize(operation, rounds, arguments.variants) for operation in OPERATIONS}


def summarize(
    operation: str, rounds: list[dict[tuple[str, str], float]], variants: list[str]
) -> dict[str, dict[str, float]]:
    speeds = {name: [found[operation, name] for found in rounds] for name in variants}
    ratios = {
        name: median(one / other for one, other in zip(speeds["all"], speeds[name], strict=True))
        for name in variants
        if name != "all"
    }
    return {
        "per_s": {name: round(median(values), 1) for name, values in speeds.items()},
        "ratio": {name: round(value, 3) for name, value in ratios.items()},
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each operation and variant")
    parser.add_argument("--slice", type=float, default=0.5, help="seconds of one turn")
    parser.add_argument("--memories", type=int, default=1_000, help="of the user who is searched")
    parser.add_argument("--variants", type=lambda text: text.split(","), default=list(VARIANTS))
    parser.add_argument("--serve", choices=VARIANTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if "all" not in arguments.variants or set(arguments.variants) - set(VARIANTS):
        parser.error(f"variants are all and any of {list(VARIANTS)}")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    if arguments.serve:
        serve(arguments.serve, arguments.memories)
    else:
        answer(measure(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
