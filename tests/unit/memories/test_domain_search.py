from datetime import UTC, date, datetime

import numpy as np
import psycopg
import pytest
from django.db import connection

from apps.common.actor import SYSTEM
from apps.common.errors import Unavailable
from apps.keys.instance import JOURNAL, read_instance_secret
from apps.memories.domain import search as search_module
from apps.memories.domain import vectors
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.domain.memories import update_memory
from apps.memories.embedders import EmbedderError, get_embedder
from tests.support.kernel import add, find, search


class StubEmbedder:
    """Every text points the same way, except those that were given a cosine with it."""

    def __init__(self, cosines=None):
        self.cosines, self.transactions, self.texts = cosines or {}, [], []

    def _embed(self, text):
        self.transactions.append(connection.in_atomic_block)
        self.texts.append(text)
        cosine = self.cosines.get(text, 1.0)
        vector = np.zeros(get_embedder().dimensions, dtype=np.float32)
        vector[:2] = cosine, np.sqrt(1 - cosine**2)
        return vector

    def embed_texts(self, texts):
        return [self._embed(text) for text in texts]

    embed_query = _embed


@pytest.fixture
def stub(monkeypatch):
    def use(**cosines):
        made = StubEmbedder({name.replace("_", " "): value for name, value in cosines.items()})
        monkeypatch.setattr(vectors, "get_embedder", lambda: made)
        return made

    return use


def test_search_finds_memories_in_scope_only(tenant, other_tenant):
    add(tenant, "ours", user="ada")
    add(tenant, "the neighbour's", user="bob")
    add(other_tenant, "another tenant's", user="ada")

    assert find(tenant, "anything", {"user_id": "ada"}) == ["ours"]
    assert find(tenant, "anything", {"user_id": "nobody"}) == []


def test_search_puts_the_nearest_first(tenant, stub):
    stub(far=0.1, near=0.9, middle=0.5)
    add(tenant, "far", "near", "middle")

    assert find(tenant, "question") == ["near", "middle", "far"]
    assert find(tenant, "question", top_k=2) == ["near", "middle"]


def test_search_answers_ties_newest_first(tenant, stub):
    stub()
    for number in range(5):
        add(tenant, f"note {number}")

    assert find(tenant, "question", top_k=3) == ["note 4", "note 3", "note 2"]


def test_search_leaves_out_what_is_below_the_threshold(tenant, stub):
    stub(far=0.1, near=0.9, middle=0.5)
    add(tenant, "far", "near", "middle")

    assert find(tenant, "question", threshold=0.49) == ["near", "middle"]
    assert find(tenant, "question", threshold=0.99) == []


def test_search_lends_the_words_of_the_two_before(tenant, stub):
    stub()
    add(tenant, "My xylophone broke.", "Oh no.", "I buy another.", "Good idea.")

    lent = [hit.memory.text for hit in search(tenant, "xylophone") if hit.parts.bm25 > 0]

    assert sorted(lent) == ["I buy another.", "My xylophone broke.", "Oh no."]


@pytest.mark.parametrize("place", [0, 7, 8, 16, 23])
def test_search_counts_each_word_of_a_long_question(tenant, stub, place):
    """More words than one number of the scan holds."""
    words = [f"{letter}{letter}{vowel}zzle" for letter in "bdfglmnp" for vowel in "aio"]
    add(tenant, "nothing of it", user="ada")
    add(tenant, f"said {words[place]} {words[place]}", user="ada")
    stub()

    first, second = search(tenant, " ".join(words), {"user_id": "ada"})

    assert first.memory.text == f"said {words[place]} {words[place]}"
    assert (first.parts.bm25 > 0, second.parts.bm25) == (True, 0)


def test_search_lends_no_words_of_a_deleted_memory(tenant, stub):
    stub()
    first, *_ = add(tenant, "My xylophone broke.", "Oh no.", "I buy another.")

    delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)

    assert [hit.parts.bm25 for hit in search(tenant, "xylophone")] == [0, 0]


def test_search_prefers_the_speaker_who_is_named(tenant, stub):
    stub()
    add(tenant, ("Ada", "yes"), ("Bob", "no"), ("Cem", "maybe"))

    hits = search(tenant, "What did Bob say?")

    assert hits[0].memory.text == "no"
    assert {hit.memory.text: hit.parts.speaker > 0 for hit in hits} == {
        "yes": False,
        "no": True,
        "maybe": False,
    }


@pytest.mark.parametrize(
    ("query", "embedded"),
    [
        ("Did Nadja sail", ["Did sail"]),
        ("did nadja sail", ["did nadja sail", "did sail"]),  # a name that did not look like one
        ("did she sail", ["did she sail"]),
        ("Did She Sail", ["Did She Sail"]),
    ],
)
def test_search_embeds_what_remains_without_the_names_of_speakers(tenant, stub, query, embedded):
    add(tenant, ("Nadja", "one"))
    embedder = stub()

    assert find(tenant, query) == ["one"]
    assert embedder.texts == embedded


def test_search_prefers_the_days_that_are_named(tenant, stub):
    stub()
    for month in (1, 5, 9):
        add(tenant, f"month {month}", said_at=datetime(2025, month, 15, tzinfo=UTC))

    hits = search(tenant, "What happened in May 2025?")

    assert hits[0].memory.text == "month 5"
    assert [hit.parts.date > 0 for hit in hits] == [True, False, False]


def test_search_understands_a_leap_day(tenant, stub, monkeypatch):
    stub()
    monkeypatch.setattr(
        search_module.timezone, "now", lambda: datetime(2026, 6, 1, tzinfo=UTC), raising=True
    )
    add(tenant, "leap", said_at=datetime(2024, 2, 29, tzinfo=UTC))

    assert [hit.parts.date > 0 for hit in search(tenant, "What was on 29 February?")] == [True]


@pytest.mark.parametrize(
    ("today", "has_expired", "expected"),
    [
        (date(2026, 1, 31), False, ["kept", "short"]),
        (date(2026, 2, 1), False, ["kept"]),
        (date(2026, 2, 1), True, ["kept", "short"]),
    ],
)
def test_search_leaves_out_what_has_expired(tenant, today, has_expired, expected):
    add(tenant, "kept")
    add(tenant, "short", expires_on=date(2026, 1, 31))

    assert sorted(find(tenant, "x", today=today, has_expired=has_expired)) == expected


def test_search_leaves_out_what_is_deleted_meanwhile(tenant, monkeypatch):
    first, _ = add(tenant, "one", "two")
    measure = search_module.rank

    def rank_then_delete(*args, **kwargs):
        ranked = measure(*args, **kwargs)
        delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)
        return ranked

    read_instance_secret(JOURNAL)  # of another tenant, so not in the scope of the search
    monkeypatch.setattr(search_module, "rank", rank_then_delete)

    assert find(tenant, "x") == ["two"]


@pytest.mark.parametrize("count", [1, 3])
def test_search_costs_three_statements_besides_its_scopes(tenant, monkeypatch, count):
    add(tenant, *(f"note {number}" for number in range(count)))
    current_model_id()
    statements = []
    execute = psycopg.Cursor.execute

    def watch(cursor, query, *args, **kwargs):
        statements.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", watch)

    hits = search(tenant, "note")

    frame = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    counted = [statement for statement in statements if not statement.startswith(frame)]
    assert len(hits) == count
    assert len(counted) == 3, counted


def test_embedder_is_called_outside_transactions(committed_tenant, stub):
    embedder = stub()

    [memory_id] = add(committed_tenant, ("Ada", "one"))
    update_memory(tenant_id=committed_tenant.id, memory_id=memory_id, text="two", by=SYSTEM)
    found = find(committed_tenant, "Ada")

    assert found == ["two"]
    assert embedder.transactions == [False, False, False]


def test_embedder_that_fails_writes_nothing(tenant, monkeypatch):
    class Failing(StubEmbedder):
        def _embed(self, text):
            raise EmbedderError("The host does not answer.")

        embed_query = _embed

    monkeypatch.setattr(vectors, "get_embedder", Failing)

    for use in (add, find):
        with pytest.raises(Unavailable, match="The host does not answer"):
            use(tenant, "one")
    monkeypatch.undo()
    assert find(tenant, "one") == []
