"""A memory as mem0 keeps it, and as one of ours. Nothing of the source is taken on trust."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

import orjson
from django.conf import settings

from apps.common.errors import DomainError, Invalid
from apps.common.ids import id_of
from apps.common.times import parse_day, parse_moment
from apps.memories.domain.importing import KnownMemory, KnownVersion
from apps.memories.enums import EntityKind, MessageRole, VersionEvent
from apps.memories.filters import check_entity_id, check_text

OTHER_IDS = UUID("5a2b6f0e-7c1d-4f3a-9b68-1e0d4c7a2f95")  # under which ids that are no UUIDs go
STATES = (VersionEvent.ADD, VersionEvent.UPDATE)


class Unreadable(DomainError):
    """The source can't be read. One line that says why."""

    status = 503


@dataclass(frozen=True, slots=True)
class Row:
    """What the source says of a memory, unchecked."""

    id: str
    text: Any
    names: Mapping[EntityKind, Any]
    created_at: Any
    updated_at: Any
    metadata: Any = None
    categories: Any = None
    speaker: Any = None
    role: Any = None
    expires_on: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """A line of mem0's history: what the memory was from then on."""

    event: str
    text: str | None
    at: Any


class Source(Protocol):
    """Somebody else's store. Every method may raise Unreadable."""

    def count(self) -> int:
        """How many memories it holds now."""

    def read(self) -> Iterator[Sequence[Row]]:
        """All of them, each once, in batches."""

    def read_changes(self, ids: Sequence[str]) -> Mapping[str, Sequence[Change]]:
        """The histories of these, as far as there are any."""


def make_id(text: str) -> UUID:
    """The id itself where it is a UUID; else one that is always the same for this text."""
    try:
        return UUID(text)
    except ValueError:
        return uuid5(OTHER_IDS, text)


def make_known(row: Row, changes: Sequence[Change]) -> KnownMemory:
    """The memory as one of ours. Invalid, without a word of it, where it can't be one."""
    if not isinstance(row.text, str) or not row.text.strip():
        raise Invalid("It has no text.")
    check_text(row.text, field="text", limit=settings.MAX_TEXT_LENGTH)
    created_at = _read_moment(row.created_at or row.updated_at)
    updated_at = max(created_at, _read_moment(row.updated_at or row.created_at))
    metadata = _read_metadata(row.metadata)
    return KnownMemory(
        id=make_id(row.id),
        entity_ids=_read_names(row.names),
        text=row.text,
        metadata=metadata,
        categories=_read_categories(row.categories),
        speaker=_read_speaker(row.speaker),
        role=_read_role(row.role),
        is_immutable=False,
        created_at=created_at,
        updated_at=updated_at,
        expires_on=_read_day(row.expires_on),
        versions=_make_versions(row.text, metadata, created_at, updated_at, changes),
    )


def _make_versions(
    text: str,
    metadata: Mapping[str, Any] | None,
    created_at: datetime,
    updated_at: datetime,
    changes: Sequence[Change],
) -> list[KnownVersion]:
    """The states of its history, and at last the present one.

    What stands before a DELETE was to be forgotten, and is not brought in.
    """
    states = [
        (_read_moment(change.at or created_at, of="Its history"), change.text)
        for change in _after_delete(changes)
    ]
    states.sort(key=lambda state: state[0])
    states = states or [(created_at, text)]
    if states[-1][1] != text:
        states.append((max(updated_at, states[-1][0]), text))
    return [
        KnownVersion(
            id=id_of(at, number),
            number=number,
            event=VersionEvent.ADD if number == 1 else VersionEvent.UPDATE,
            text=state,
            metadata=metadata if number == len(states) else None,
            created_at=at,
        )
        for number, (at, state) in enumerate(states, start=1)
    ]


def _after_delete(changes: Sequence[Change]) -> list[Change]:
    deletes = [place for place, each in enumerate(changes) if each.event == VersionEvent.DELETE]
    kept = changes[deletes[-1] + 1 :] if deletes else changes
    return [each for each in kept if each.event in STATES and each.text]


def _read_moment(value: Any, *, of: str = "It") -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        moment = parse_moment(value)
    except ValueError:
        moment = None
    if moment is None or moment.timestamp() < 0:
        raise Invalid(f"{of} has no time that can be read.")
    return moment


def _read_names(names: Mapping[EntityKind, Any]) -> dict[EntityKind, str]:
    found = {
        kind: check_entity_id(name, field=f"{kind.value}_id")
        for kind, name in names.items()
        if name not in (None, "")
    }
    if not found:
        raise Invalid("It names no user, agent, app or run.")
    return found


def _read_metadata(value: Any) -> dict[str, Any] | None:
    if not value:
        return None
    try:
        packed = orjson.dumps(value)
    except (TypeError, ValueError):
        raise Invalid("Its metadata can't be written as JSON.") from None
    if not isinstance(value, dict) or b"\\u0000" in packed:
        raise Invalid("Its metadata is no object that can be kept.")
    if len(packed) > settings.MAX_METADATA_BYTES:
        raise Invalid(f"Its metadata has more than {settings.MAX_METADATA_BYTES} bytes as JSON.")
    return value


def _read_categories(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [item for item in value if isinstance(item, str) and item] or None


def _read_speaker(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    check_text(value, field="name", limit=settings.MAX_ID_LENGTH)
    return value.strip()


def _read_role(value: Any) -> MessageRole:
    return MessageRole.ASSISTANT if value == MessageRole.ASSISTANT else MessageRole.USER


def _read_day(value: Any) -> date | None:
    try:
        return parse_day(value) if value else None
    except ValueError:
        raise Invalid("It has an expiration date that can't be read.") from None
