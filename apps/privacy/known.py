"""Records of a portability copy as what the apps take in. KeyError, ValueError for what is none."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.memories.domain.importing import (
    KnownEntity,
    KnownFeedback,
    KnownMemory,
    KnownSource,
    KnownVersion,
)
from apps.memories.domain.importing_jobs import KnownJob, KnownMessage
from apps.memories.enums import EntityKind, FeedbackVerdict, MessageRole, VersionEvent

Row = Mapping[str, Any]


def make_entity(row: Row) -> KnownEntity:
    return KnownEntity(
        id=UUID(row["id"]),
        kind=EntityKind(row["kind"]),
        external_id=row["external_id"],
        speakers=row["speakers"],
        about=row.get("about"),
        created_at=_read_moment(row["created_at"]),
        last_used_at=_read_moment(row["last_used_at"]),
    )


def make_job(row: Row, messages: Sequence[Row]) -> KnownJob:
    return KnownJob(
        id=UUID(row["id"]),
        entity_ids=_read_entities(row),
        request=dict(row["request"]),
        said_at=_read_moment(row["said_at"]),
        is_immutable=row["is_immutable"],
        created_at=_read_moment(row["created_at"]),
        expires_on=_read_day(row["expires_on"]),
        messages=[_make_message(message) for message in messages],
    )


def make_memory(
    row: Row, versions: Sequence[Row], sources: Sequence[Row], feedback: Sequence[Row]
) -> KnownMemory:
    if not versions:
        raise ValueError(row["id"])
    return KnownMemory(
        id=UUID(row["id"]),
        entity_ids=_read_entities(row),
        text=row["text"],
        metadata=row["metadata"],
        categories=row["categories"],
        speaker=row["speaker"],
        role=MessageRole(row["role"]),
        is_immutable=row["is_immutable"],
        inferred=row.get("inferred"),
        replaced_by=UUID(row["replaced_by"]) if row.get("replaced_by") else None,
        created_at=_read_moment(row["created_at"]),
        updated_at=_read_moment(row["updated_at"]),
        expires_on=_read_day(row["expires_on"]),
        versions=[_make_version(version) for version in versions],
        sources=[KnownSource(UUID(one["id"]), UUID(one["message"])) for one in sources],
        feedback=[_make_feedback(one) for one in feedback],
    )


def _make_message(row: Row) -> KnownMessage:
    return KnownMessage(
        id=UUID(row["id"]),
        number=row["number"],
        role=MessageRole(row["role"]),
        name=row["name"],
        content=row["content"],
    )


def _make_version(row: Row) -> KnownVersion:
    return KnownVersion(
        id=UUID(row["id"]),
        number=row["number"],
        event=VersionEvent(row["event"]),
        text=row["text"],
        metadata=row["metadata"],
        created_at=_read_moment(row["created_at"]),
    )


def _make_feedback(row: Row) -> KnownFeedback:
    return KnownFeedback(
        id=UUID(row["id"]),
        verdict=FeedbackVerdict(row["verdict"]) if row["verdict"] else None,
        reason=row["reason"],
        created_at=_read_moment(row["created_at"]),
    )


def _read_entities(row: Row) -> dict[EntityKind, str]:
    return {kind: row[kind.value] for kind in EntityKind if row[kind.value]}


def _read_moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _read_day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
