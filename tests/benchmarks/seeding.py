"""What the store holds while it is measured: many small users, some of 1,000, one very big.

Sentences follow from prefix and user id alone, so an interrupted load is completed by running it
again: what is there already answers NOOP.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.driver import DriveError, Request, Sample, Target, drive
from benchmarks.sentences import sentence

SMALL, MEDIUM, LARGE = 30, 1_000, 10_000
FULL = 100_000  # 1,000 users of 30, 60 of 1,000, one of 10,000
PER_REQUEST = 100
CONNECTIONS = 8


@dataclass(frozen=True)
class User:
    id: str
    size: int


@dataclass(frozen=True)
class Layout:
    small: list[User]
    medium: list[User]
    large: User

    @classmethod
    def plan(cls, memories: int, prefix: str) -> "Layout":
        """The full layout in proportion; where one user of 1,000 is too many, it shrinks."""
        share, name = memories / FULL, f"{prefix}-{memories}"
        size = min(MEDIUM, round(60 * MEDIUM * share))
        medium = [User(f"{name}-medium-{n:02}", size) for n in range(max(1, round(60 * share)))]
        large = User(f"{name}-large", round(LARGE * share))
        rest = memories - large.size - sum(user.size for user in medium)
        small = [User(f"{name}-small-{n:04}", SMALL) for n in range(max(1, round(rest / SMALL)))]
        return cls(small, medium, large)

    def users(self) -> list[User]:
        return [*self.small, *self.medium, self.large]


def add_request(target: Target, user_id: str, texts: list[str]) -> Request:
    messages = [{"role": "user", "content": text} for text in texts]
    body = {"messages": messages, "user_id": user_id, "infer": False}
    return target.request(
        "POST", "/v3/memories/add/", json.dumps(body).encode(), b'"id"', len(texts)
    )


def list_request(target: Target, user_id: str, page_size: int, page: int = 1) -> Request:
    body = json.dumps({"filters": {"user_id": user_id}}).encode()
    return target.request("POST", f"/v3/memories/?page={page}&page_size={page_size}", body)


def add_requests(target: Target, users: Iterable[User]) -> Iterator[Request]:
    for user in users:
        source = random.Random(user.id)
        texts = [sentence(source) for _ in range(user.size)]
        for start in range(0, user.size, PER_REQUEST):
            yield add_request(target, user.id, texts[start : start + PER_REQUEST])


def fill(target: Target, users: Iterable[User]) -> tuple[list[str], Sample]:
    """Load these users; answers the ids of their memories."""
    requests = list(add_requests(target, users))
    bodies: list[bytes] = []
    sample = drive(target, requests, clients=CONNECTIONS, keep=bodies.append)
    return [row["id"] for body in bodies for row in json.loads(body)["results"]], sample


def ids_of(target: Target, users: Iterable[User]) -> list[str]:
    bodies: list[bytes] = []
    requests = [list_request(target, user.id, 200) for user in users]
    drive(target, requests, clients=4, keep=bodies.append)
    return [row["id"] for body in bodies for row in json.loads(body)["results"]]


def missing(target: Target, users: list[User]) -> list[User]:
    """The users of whom the server holds fewer memories than planned."""
    bodies: list[bytes] = []
    drive(target, [list_request(target, u.id, 1) for u in users], clients=1, keep=bodies.append)
    counts = [json.loads(body)["count"] for body in bodies]
    for user, count in zip(users, counts, strict=True):
        if count > user.size:
            raise DriveError(f"{user.id} holds {count} instead of {user.size}: take another prefix")
    return [user for user, count in zip(users, counts, strict=True) if count < user.size]


def load(target: Target, layout: Layout) -> dict[str, float]:
    users = layout.users()
    absent = missing(target, users)
    loaded = sum(user.size for user in absent)
    reused = sum(user.size for user in users) - loaded
    seconds = fill(target, absent)[1].seconds if absent else 0.0
    return {"memories": loaded, "seconds": round(seconds, 2), "reused": reused}
