"""Recall: every memory in scope is measured by meaning and by words, and the best are returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from time import perf_counter
from uuid import UUID

import numpy as np
from django.utils import timezone

from apps.isolation.scope import current_tenant_id, tenant_scope
from apps.keys.ring import TenantKeys, current_ring
from apps.memories.conditions import Filter, named_entities
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.domain.values import Hit, SearchResult
from apps.memories.domain.vectors import embed_query
from apps.memories.embedders import Vector as Embedding
from apps.memories.lexicon import list_query_terms, make_speaker_term, make_time_term
from apps.memories.queries.entities import find_entities
from apps.memories.queries.memories import read_memories
from apps.memories.recall.dates import Window, find_windows
from apps.memories.recall.names import find_names, may_hold_names, remove_names
from apps.memories.recall.ranking import Ranked, Scan, rank
from apps.memories.scoping import Known, Shape, Values, shape_filter
from apps.memories.store import scan_vectors
from apps.memories.usage import count_search

A_LEAP_YEAR = 2024  # any, to see whether a question names a day at all


@dataclass(frozen=True, slots=True)
class _Question:
    """The query as far as the tenant's keys and names are needed to understand it."""

    query: str
    text: str  # the query without names, as it is embedded
    known: Known
    shape: Shape
    values: Values
    terms: list[int]
    time: int
    speakers: list[int]
    has_dates: bool
    keys: TenantKeys


def search_memories(
    *,
    tenant_id: UUID,
    query: str,
    filters: Filter,
    top_k: int = 10,
    threshold: float = 0.0,
    has_expired: bool = False,
    today: date | None = None,
) -> SearchResult:
    """The best `top_k` memories in scope, best first; those below `threshold` are left out.

    Exact: each memory in scope is looked at, so a search never answers fewer than there are.
    Three statements and, outside of transactions, the embedding of the query; a fourth where hits
    belong to entities that the filter does not name. The names of an entity's speakers are left
    out of what is embedded, so a query that may hold one takes a transaction of its own before.
    """
    question = None
    if may_hold_names(query):
        with tenant_scope(tenant_id, plans_once=True):
            question = _read_question(query, filters)
    embedded = question.text if question else query
    embedding = embed_query(embedded, tenant_id=tenant_id)
    ask = partial(
        _answer,
        top_k=top_k,
        threshold=threshold,
        today=None if has_expired else today or timezone.now().date(),
    )
    with tenant_scope(tenant_id, plans_once=True):
        question = question or _read_question(query, filters)
        if question.text == embedded:
            return ask(question, embedding)
    embedding = embed_query(question.text, tenant_id=tenant_id)
    with tenant_scope(tenant_id, plans_once=True):
        return ask(question, embedding)


def _answer(
    question: _Question, embedding: Embedding, *, top_k: int, threshold: float, today: date | None
) -> SearchResult:
    started = perf_counter()
    current_ring().tenant_keys = question.keys  # read a moment ago, for this request
    scan = scan_vectors(
        question.shape,
        question.values,
        embedding=embedding,
        terms=[*question.terms, question.time, *question.speakers],
        today=today,
        has_days=question.has_dates,
    )
    ranked = rank(
        scan,
        words=len(question.terms),
        windows=_find_windows(question.query, scan) if question.has_dates else (),
        top_k=top_k,
        threshold=threshold,
    )
    hits = _load_hits(ranked, question.known)
    count_search(current_tenant_id(), ms=(perf_counter() - started) * 1000)
    return SearchResult(hits=hits, scanned=len(scan))


def _read_question(query: str, filters: Filter) -> _Question:
    known = find_entities(named_entities(filters))
    names = list(dict.fromkeys(name for row in known.values() for name in row.speakers or []))
    named = find_names(query, names)
    shape, values = shape_filter(filters, known)
    text = remove_names(query, names)
    return _Question(
        query=query,
        text=text,
        known=known,
        shape=shape,
        values=values | {"model": current_model_id()},
        terms=list_query_terms(text),
        time=make_time_term(),
        speakers=[make_speaker_term(name) for name in named],
        has_dates=bool(find_windows(query, [A_LEAP_YEAR])),
        keys=current_ring().tenant,
    )


def _load_hits(ranked: Sequence[Ranked], known: Known) -> list[Hit]:
    ids = [one.memory_id for one in ranked]
    rows = read_memories(ids, known.values())
    by_id = {row.id: row for row in rows if row.text is not None}  # since the scan
    return [Hit(row, one.score, one.parts) for one in ranked if (row := by_id.get(one.memory_id))]


def _find_windows(query: str, scan: Scan) -> list[Window]:
    """The days that the question names; a month without a year is that of every year in scope."""
    years = np.unique(scan.days.astype("datetime64[D]").astype("datetime64[Y]"))
    return find_windows(query, (year.year for year in years.tolist()))
