"""What is known already that a new statement could repeat or contradict. Needs an open scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.memories.domain.embedding_models import current_model_id
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityKind
from apps.memories.lexicon import list_query_terms, make_time_term
from apps.memories.models import Memory, ScopedByEntities
from apps.memories.queries.memories import read_memories
from apps.memories.recall.ranking import rank
from apps.memories.scoping import Shape, Values
from apps.memories.store import scan_vectors

NEAREST = 8  # of each text


@dataclass(frozen=True, slots=True)
class Candidate:
    """A current memory of the same entities, with its cosine to the text it was found by."""

    memory: Memory
    cosine: float


def is_anything_known(of: ScopedByEntities) -> bool:
    """One statement, before anything is embedded in vain."""
    return Memory.objects.current().filter(**_same_entities(of)).exists()


def find_candidates(
    of: ScopedByEntities, texts: Mapping[str, Embedding]
) -> dict[str, list[Candidate]]:
    """For each text the nearest memories of the same user, agent and app, in whatever run.

    One statement a text, in which each of their memories is looked at; one more for all.
    """
    shape, values = _shape(of)
    values |= {"model": current_model_id()}
    found = {text: _find_nearest(text, vector, shape, values) for text, vector in texts.items()}
    ids = {memory_id for nearest in found.values() for memory_id, _ in nearest}
    rows = read_memories(list(ids)) if ids else []
    known = {row.id: row for row in rows if row.text is not None and row.replaced_by_id is None}
    return {
        text: [Candidate(known[each], cosine) for each, cosine in nearest if each in known]
        for text, nearest in found.items()
    }


def _find_nearest(
    text: str, embedding: Embedding, shape: Shape, values: Values
) -> Sequence[tuple[UUID, float]]:
    terms = list_query_terms(text)
    scan = scan_vectors(
        shape,
        values,
        embedding=embedding,
        terms=[*terms, make_time_term()],
        today=None,
        has_days=False,
    )
    ranked = rank(scan, words=len(terms), windows=(), top_k=NEAREST, threshold=0)
    return [(one.memory_id, one.parts.cosine) for one in ranked]


def _same_entities(of: ScopedByEntities) -> dict[str, UUID | None]:
    """Another run of the same user is another talk with the same person; a run alone is its own."""
    ids = dict(zip(EntityKind, of.all_entity_ids, strict=True))
    run_id = ids.pop(EntityKind.RUN)
    same = {f"{kind.value}": entity_id for kind, entity_id in ids.items()}
    return same if any(same.values()) else same | {"run": run_id}


def _shape(of: ScopedByEntities) -> tuple[Shape, Values]:
    parts: list[Shape] = []
    values: Values = {}
    for kind, entity_id in _same_entities(of).items():
        if entity_id is None:
            parts.append(("not", ("present", kind)))
        else:
            values[f"id_{kind}"] = entity_id
            parts.append(("one", kind, f"id_{kind}"))
    return ("AND", *parts), values
