"""What is remembered, as a text that fits into a prompt."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from apps.memories.conditions import Filter
from apps.memories.domain.search import search_memories
from apps.memories.domain.values import Hit, Recalled
from apps.memories.embedders.tokens import count_tokens

SHORTEST = 6  # tokens of a line: how many memories a budget can hold at most
FEWEST = 10  # that are looked at, however small the budget


def recall_text(
    *,
    tenant_id: UUID,
    query: str,
    filters: Filter,
    max_tokens: int,
    threshold: float = 0.0,
    has_expired: bool = False,
    today: date | None = None,
) -> Recalled:
    """The best memories first, a line each, whole, in `max_tokens` together. A search, see there.

    One that does not fit is left out, and the next best takes its place.
    """
    found = search_memories(
        tenant_id=tenant_id,
        query=query,
        filters=filters,
        top_k=min(max(FEWEST, max_tokens // SHORTEST), settings.MAX_TOP_K),
        threshold=threshold,
        has_expired=has_expired,
        today=today,
    )
    return fill_budget(found.hits, most=max_tokens)


def fill_budget(
    hits: Sequence[Hit], *, most: int, count: Callable[[str], int] = count_tokens
) -> Recalled:
    """The whole text is counted again: tokens may join where lines meet."""
    kept: list[tuple[Hit, str]] = []
    used = 0
    for hit in hits:
        line = f"- {hit.memory.text}"
        size = count(line if not kept else f"\n{line}")
        if used + size <= most:
            kept.append((hit, line))
            used += size
    while (used := count("\n".join(line for _, line in kept))) > most:
        kept.pop()
    return Recalled("\n".join(line for _, line in kept), used, [hit for hit, _ in kept])
