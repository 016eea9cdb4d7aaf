"""A tenant's answers are the same whether or not another tenant is there.

Random operations of tenant A alone, and again with those of tenant B among them, which has the
same users and texts and tries A's ids. Answers are compared as they are, scores and order
included. The ids that A is given come from a sequence of its own, so that they repeat; times of
now are numbered in the order in which they appear.
"""

import gc
import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import UUID

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.test import RequestFactory
from django.test.client import ClientHandler
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apps.common import ids
from apps.common.actor import SYSTEM
from apps.memories.domain import vectors
from apps.memories.embedders import get_embedder
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant
from tests.support.committed import committing, undone

SEQUENCES, OPERATIONS = 200, 20
UNKNOWN = UUID("01990000-0000-7000-8000-000000000000")
TEXTS = (
    "I drink green tea in the morning.",
    "Ada drinks tea.",
    "Our dog is called Biscuit.",
    "The dog drinks.",
    "In May we flew to Lisbon.",
    "Biscuit flew after the ball in the morning.",
)
QUESTIONS = (*TEXTS[:3], "Who drinks tea?", "What did Ada say in May?", "dog")
OWNERS = (
    {"user_id": "ada"},
    {"user_id": "ada", "run_id": "r1"},
    {"user_id": "bob"},
    {"agent_id": "ada"},
)
TREES = (*OWNERS, {"user_id": "*"}, {"OR": [{"user_id": "*"}, {"agent_id": "*"}]})
FIRST = {"texts": TEXTS[:1], "owner": OWNERS[0], "speaker": "", "day": 1}
SPEAKERS = ("", "Ada")
TIME_OF_NOW = re.compile(r'"20(?!23)\d\d-\d\d-\d\dT[^"]+"')


def one_of(values):
    return st.sampled_from(values)


def operation(name, **fields):
    return st.fixed_dictionaries({"name": st.just(name), **fields})


WHICH = st.integers(0, 7)  # of the memories that were added so far, counted from the last
OPERATION = st.one_of(
    operation("add", texts=st.lists(one_of(TEXTS), min_size=1, max_size=3), owner=one_of(OWNERS),
              speaker=one_of(SPEAKERS), day=st.integers(1, 28)),
    operation("repeat", which=WHICH),
    operation("update", which=WHICH, change=one_of(({"text": TEXTS[0]}, {"text": "New."},
              {"metadata": {"a": 1}}, {"expiration_date": "2020-01-01"}))),
    operation("delete", which=WHICH),
    operation("delete_all", owner=one_of(OWNERS)),
    operation("search", question=one_of(QUESTIONS), tree=one_of(TREES), top_k=one_of((1, 3, 50))),
    operation("list", tree=one_of(TREES), page=one_of(("", "?page=2&page_size=2"))),
    operation("get", which=WHICH),
    operation("history", which=WHICH),
    operation("entities"),
)  # fmt: skip
NAMES = {
    "add", "repeat", "update", "delete", "delete_all", "search", "list", "get", "history", "entities",
}  # fmt: skip
THEIRS = st.tuples(OPERATION, st.booleans())  # with A's ids, or with their own
STEP = st.tuples(st.none() | THEIRS, OPERATION)
SEQUENCE = st.lists(STEP, min_size=OPERATIONS, max_size=OPERATIONS)


class Actor:
    """An application of one tenant, with what it has added."""

    def __init__(self, world, key, first_id):
        self.world, self.key = world, key
        self.stamps = count(first_id)
        self.added = [UNKNOWN]
        self.adds = []

    def act(self, asked, memory_ids):
        """Status and body as they were sent."""
        method, path, body = getattr(self, asked["name"])(asked, memory_ids)
        self.world.stamps = self.stamps
        return self.world.send(method, path, body, self.key)

    def add(self, asked, _=None):
        speaker = {"name": asked["speaker"]} if asked["speaker"] else {}
        body = {
            "messages": [{"role": "user", "content": text} | speaker for text in asked["texts"]],
            "timestamp": f"2023-05-{asked['day']:02}T10:20:30Z",
            **asked["owner"],
        }
        self.adds.append(body)
        return "POST", "/v3/memories/add/", body

    def repeat(self, asked, _):
        if not self.adds:
            return self.add(FIRST)
        return "POST", "/v3/memories/add/", self.adds[-1 - asked["which"] % len(self.adds)]

    def update(self, asked, memory_ids):
        return "PUT", self.path(asked, memory_ids), asked["change"]

    def delete(self, asked, memory_ids):
        return "DELETE", self.path(asked, memory_ids), None

    def delete_all(self, asked, _):
        return "DELETE", f"/v1/memories/?{urlencode(asked['owner'])}", None

    def search(self, asked, _):
        body = {"query": asked["question"], "filters": asked["tree"], "top_k": asked["top_k"]}
        return "POST", "/v3/memories/search/", body | {"threshold": 0, "explain": True}

    def list(self, asked, _):
        return "POST", f"/v3/memories/{asked['page']}", {"filters": asked["tree"]}

    def get(self, asked, memory_ids):
        return "GET", self.path(asked, memory_ids), None

    def history(self, asked, memory_ids):
        return "GET", f"{self.path(asked, memory_ids)}history/", None

    def entities(self, *_):
        return "GET", "/v1/entities/", None

    def path(self, asked, memory_ids):
        return f"/v1/memories/{memory_ids[-1 - asked['which'] % len(memory_ids)]}/"


@dataclass
class World:
    """Two tenants and the API as applications reach it, without what only a browser needs."""

    keys: list[str]
    handler: ClientHandler
    stamps: Iterator[int]

    def send(self, method, path, body, key):
        request = RequestFactory().generic(
            method,
            path,
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Token {key}"},
        )
        answer = self.handler(request.environ)
        return answer.status_code, answer.content.decode()


def embed(text):
    """A vector that depends on nothing but the text."""
    digest = hashlib.shake_128(text.encode()).digest(get_embedder().dimensions)
    vector = np.frombuffer(digest, np.uint8).astype(np.float32) - 127.5
    return vector / np.linalg.norm(vector)


@pytest.fixture
def embedder(monkeypatch):
    made = SimpleNamespace(
        embed_texts=lambda texts: [embed(text) for text in texts], embed_query=embed
    )
    monkeypatch.setattr(vectors, "get_embedder", lambda: made)
    return made


@pytest.fixture
def world(django_db_setup, django_db_blocker, embedder, monkeypatch):
    """Committed, so that each sequence is a transaction of its own: one for all gets slow."""
    monkeypatch.setattr(django_settings, "MIDDLEWARE", django_settings.API_MIDDLEWARE)
    logging.disable(logging.INFO)
    gc.disable()
    with committing(django_db_blocker):
        tenants = [create_tenant(name=slug, slug=slug, by=SYSTEM) for slug in ("ours", "theirs")]
        keys = [create_api_key(tenant=one, name="test", by=SYSTEM)[1] for one in tenants]
        made = World(keys, ClientHandler(), count())
        monkeypatch.setattr(ids, "_next_stamp", lambda: next(made.stamps))
        monkeypatch.setattr(ids, "secrets", SimpleNamespace(randbits=lambda _: 0))
        yield made
    gc.enable()
    logging.disable(logging.NOTSET)


def live(world, sequence, *, is_alone):
    """Our answers."""
    ours, theirs = (Actor(world, key, n << 40) for n, key in enumerate(world.keys, start=1))
    answers = []
    with undone():
        for others, asked in sequence:
            if others and not is_alone:
                other, is_attack = others
                status, body = theirs.act(other, ours.added if is_attack else theirs.added)
                if is_attack and "which" in other and other["name"] != "repeat":
                    assert status == 404
                note(theirs, body)
            answers.append(ours.act(asked, ours.added))
            note(ours, answers[-1][1])
    return number_times(answers)


def note(actor, body):
    """Keep the ids of what was added."""
    answer = json.loads(body)
    if isinstance(answer, dict) and "event_id" in answer:
        actor.added += [row["id"] for row in answer["results"]]


def number_times(answers):
    numbers, seen = count(), {}

    def write(found):
        return f"time {seen.setdefault(found[0], next(numbers))}"

    return [(status, TIME_OF_NOW.sub(write, body)) for status, body in answers]


def hold(world, *, examples, phases=tuple(Phase)):
    """The property; answers how many sequences were tried and what became of the operations."""
    tried, statuses = [], Counter()

    @settings(max_examples=examples, deadline=None, database=None, phases=phases)
    @given(SEQUENCE)
    def check(sequence):
        alone = live(world, sequence, is_alone=True)
        assert live(world, sequence, is_alone=False) == alone
        tried.append(len(alone))
        statuses.update(
            (asked["name"], status) for (_, asked), (status, _) in zip(sequence, alone, strict=True)
        )

    check()
    return tried, statuses


def test_answers_do_not_depend_on_another_tenant(world):
    tried, statuses = hold(world, examples=SEQUENCES)

    assert len(tried) >= SEQUENCES
    assert set(tried) == {OPERATIONS}
    assert {name for name, status in statuses if status == 200} == NAMES
    assert {status for _, status in statuses} == {200, 404, 409}


def test_dependence_would_be_found(world, embedder):
    """Here vectors depend on how many texts were embedded before, whosever they were."""
    embedded = count()
    embedder.embed_texts = lambda texts: [embed(f"{text} {next(embedded)}") for text in texts]

    with pytest.raises(AssertionError):
        hold(world, examples=SEQUENCES, phases=[Phase.generate])
