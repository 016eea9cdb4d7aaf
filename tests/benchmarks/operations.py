"""The operations of a store, each as a source of requests; what they use up is made untimed."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial

from benchmarks.driver import Request, Target
from benchmarks.seeding import Layout, User, add_request, fill, ids_of, list_request
from benchmarks.sentences import question, sentence

TOP_K = 20
WRITERS = 50  # users who receive what is added
DELETES = 3_000  # memories made at once, to be deleted one by one
DELETE_ALLS = 16  # users of 1,000 deleted per number of clients, or one for each client


@dataclass
class Bench:
    """Where it runs, what is loaded there, and the choices made at random."""

    target: Target
    layout: Layout
    prefix: str
    source: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.run = f"{self.prefix}-run-{uuid.uuid4().hex[:8]}"

    @cached_property
    def writers(self) -> list[str]:
        users = [User(f"{self.run}-writer-{n:02}", 1) for n in range(WRITERS)]
        fill(self.target, users)
        return [user.id for user in users]

    @cached_property
    def ids(self) -> list[str]:
        """Ids of memories of many users, small and bigger."""
        return ids_of(self.target, [*self.layout.small[:100], *self.layout.medium[:10]])

    def throwaway(self, count: int, size: int) -> tuple[list[User], list[str]]:
        users = [User(f"{self.run}-gone-{uuid.uuid4().hex[:8]}", size) for _ in range(count)]
        return users, fill(self.target, users)[0]


def add(bench: Bench, clients: int, *, messages: int) -> Iterator[Request]:
    writers = bench.writers
    while True:
        texts = [sentence(bench.source) for _ in range(messages)]
        yield add_request(bench.target, bench.source.choice(writers), texts)


def search(
    bench: Bench, clients: int, *, users: Callable[[Layout], list[User]]
) -> Iterator[Request]:
    chosen = users(bench.layout)
    while True:
        yield search_request(bench, bench.source.choice(chosen))


def search_request(bench: Bench, user: User) -> Request:
    body = {
        "query": question(bench.source),
        "filters": {"user_id": user.id},
        "top_k": TOP_K,
        "threshold": 0,
    }
    path, payload = "/v3/memories/search/", json.dumps(body).encode()
    return bench.target.request("POST", path, payload, b'"score":', min(TOP_K, user.size))


def get(bench: Bench, clients: int, *, suffix: str = "") -> Iterator[Request]:
    ids = bench.ids
    while True:
        yield bench.target.request("GET", f"/v1/memories/{bench.source.choice(ids)}/{suffix}")


def list_page(bench: Bench, clients: int) -> Iterator[Request]:
    size = min(100, bench.layout.medium[0].size)
    pages = bench.layout.medium[0].size // size
    while True:
        user, page = bench.source.choice(bench.layout.medium), bench.source.randint(1, pages)
        yield list_request(bench.target, user.id, size, page)._replace(
            needle=b'"memory":', times=size
        )


def update(bench: Bench, clients: int) -> Iterator[Request]:
    ids = bench.ids
    while True:
        body = json.dumps({"text": sentence(bench.source)}).encode()
        yield bench.target.request("PUT", f"/v1/memories/{bench.source.choice(ids)}/", body)


def delete(bench: Bench, clients: int) -> Iterator[Request]:
    _, ids = bench.throwaway(DELETES // 30, 30)
    return (bench.target.request("DELETE", f"/v1/memories/{each}/") for each in ids)


def delete_all(bench: Bench, clients: int) -> Iterator[Request]:
    users, _ = bench.throwaway(max(clients, DELETE_ALLS), 1_000)
    return (bench.target.request("DELETE", f"/v1/memories/?user_id={user.id}") for user in users)


def noop(bench: Bench, clients: int) -> Iterator[Request]:
    while True:
        yield bench.target.request("GET", "/healthz")


@dataclass(frozen=True)
class Operation:
    """`requests` prepares and answers a batch; `at_most` bounds the requests of one figure."""

    requests: Callable[[Bench, int], Iterator[Request]]
    at_most: int = 200_000


OPERATIONS = {
    "add_1": Operation(partial(add, messages=1)),
    "add_20": Operation(partial(add, messages=20)),
    "search_30": Operation(partial(search, users=lambda layout: layout.small)),
    "search_1000": Operation(partial(search, users=lambda layout: layout.medium)),
    "search_10000": Operation(partial(search, users=lambda layout: [layout.large])),
    "get": Operation(get),
    "list_100": Operation(list_page),
    "history": Operation(partial(get, suffix="history/")),
    "update": Operation(update),
    "delete": Operation(delete),
    "delete_all_1000": Operation(delete_all, at_most=1),
}
EXTRA = {"noop": Operation(noop)}
