"""Rows of the domain as the JSON of the mem0 wire."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from apps.common.ids import make_number
from apps.memories.domain.values import Added, Hit, Recalled
from apps.memories.embedders.tokens import TOKENIZER_NAME
from apps.memories.enums import EntityKind, VersionEvent
from apps.memories.models import Entity, Memory, Version
from apps.memories.queries.entities import EntitySize

Json = dict[str, Any]


def present_memory(memory: Memory, fields: Sequence[str] | None = None) -> Json:
    """All that the wire knows of it, or its id and these fields."""
    row = _present_whole(memory)
    if not fields:
        return row
    return {name: value for name, value in row.items() if name in fields or name == "id"}


def _present_whole(memory: Memory) -> Json:
    names = memory.entity_names
    run = names.get(EntityKind.RUN)
    return {
        "id": memory.id,
        "memory": memory.text,
        "user_id": names.get(EntityKind.USER),
        "agent_id": names.get(EntityKind.AGENT),
        "app_id": names.get(EntityKind.APP),
        "run_id": run,
        "session_id": run,
        "metadata": memory.metadata,
        "categories": memory.categories,
        "created_at": memory.created_at,
        "updated_at": memory.updated_at,
        "expiration_date": memory.expires_on,
        "structured_attributes": _present_date(memory.created_at),
        "inferred": memory.inferred,
        "replaced_by": memory.replaced_by_id,
        "synthesized": False,
        "lifecycle_state": "superseded" if memory.replaced_by_id else "active",
    }


def present_hit(hit: Hit, *, is_explained: bool, fields: Sequence[str] | None) -> Json:
    row = present_memory(hit.memory, fields)
    row["score"] = hit.score
    if is_explained:
        parts = hit.parts
        row["score_breakdown"] = {
            "semantic": parts.cosine,
            "bm25": parts.bm25,
            "entity": parts.speaker,
            "date": parts.date,
            "adds": {
                "semantic": parts.semantic,
                "bm25": parts.lexical,
                "near": parts.near,
                "time": parts.time,
            },
        }
    return row


def present_recalled(recalled: Recalled) -> Json:
    return {
        "text": recalled.text,
        "tokens": recalled.tokens,
        "tokenizer": TOKENIZER_NAME,
        "sources": [
            {"id": hit.memory.id, "score": hit.score, "created_at": hit.memory.created_at}
            for hit in recalled.hits
        ],
    }


def present_added(added: Added) -> Json:
    event = "ADD" if added.is_new else "NOOP"
    return {"id": added.memory_id, "data": {"memory": added.text}, "event": event}


def present_redacted(counts: Mapping[str, int]) -> Json:
    """How often what was taken out of the texts; nothing where nothing was."""
    return {"redacted": dict(counts)} if counts else {}


def present_history(memory: Memory, versions: Sequence[Version]) -> list[Json]:
    """One entry a version, of what it superseded first; after a delete events and times only."""
    before = [None, *(version.text for version in versions)]
    return [
        present_version(memory, version, text)
        for version, text in zip(versions, before, strict=False)
    ]


def present_version(memory: Memory, version: Version, before: str | None) -> Json:
    names = memory.entity_names
    run = names.get(EntityKind.RUN)
    said = version.event == VersionEvent.ADD and version.text is not None
    return {
        "id": version.id,
        "memory_id": version.memory_id,
        "input": [{"role": memory.role, "content": version.text}] if said else [],
        "old_memory": before,
        "new_memory": version.text,
        "event": version.event,
        "user_id": names.get(EntityKind.USER),
        "agent_id": names.get(EntityKind.AGENT),
        "app_id": names.get(EntityKind.APP),
        "session_id": run,
        "run_id": run,
        "categories": memory.categories,
        "metadata": version.metadata,
        "created_at": version.created_at,
        "updated_at": version.created_at,
    }


def present_entity(size: EntitySize, *, owner: str) -> Json:
    entity = size.entity
    return {
        "id": str(entity.id),
        "name": entity.external_id,
        "type": entity.kind,
        "owner": owner,
        "metadata": (entity.about or {}).get("metadata"),
        "created_at": entity.created_at,
        "updated_at": entity.last_used_at,
        "total_memories": size.memories,
    }


def present_made_entity(entity: Entity, *, project: int) -> Json:
    """As old clients get it when they make one: with numbers for ids."""
    about = entity.about or {}
    return {
        "id": make_number(entity.id),
        f"{entity.kind}_id": entity.external_id,
        **({"name": about["name"]} if "name" in about else {}),
        "metadata": about.get("metadata"),
        "created_at": entity.created_at,
        "updated_at": entity.last_used_at,
        "is_deleted": False,
        "project": project,
    }


def present_listed(memory: Memory, versions: int) -> Json:
    """A memory in the list of one entity, with the message that it was."""
    return {
        "id": memory.id,
        "memory": memory.text,
        "metadata": memory.metadata,
        "categories": memory.categories,
        "created_at": memory.created_at,
        "updated_at": memory.updated_at,
        "input": [{"role": memory.role, "content": memory.text}],
        "is_updated": versions > 1,
    }


def _present_date(moment: datetime) -> Json:
    moment = moment.astimezone(UTC)
    return {**_present_day(moment.date()), "hour": moment.hour, "minute": moment.minute}


@lru_cache(maxsize=1000)
def _present_day(day: date) -> Json:
    return {
        "day": day.day,
        "month": day.month,
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "is_weekend": day.isoweekday() in {6, 7},
        "day_of_week": day.strftime("%A").lower(),
        "day_of_year": day.timetuple().tm_yday,
        "week_of_year": day.isocalendar().week,
    }
