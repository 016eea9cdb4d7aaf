"""Rows about a person as records of a copy: the columns that their classes let into the profile."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from apps.common.personal_data import Column, Copies, OfEntities, PartOf
from apps.isolation.models import TenantForeignKey
from apps.keys.fields import SealedField
from apps.keys.queries import with_keys
from apps.memories.models import Entity, Memory
from apps.memories.queries.entities import find_entities_by_id
from apps.privacy.enums import Profile
from apps.privacy.subjects import (
    Subject,
    Table,
    get_table,
    has_column,
    list_parts,
    list_whole_tables,
)

CHUNK = 500  # rows of a table, with their parts

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of some rows, by the labels of their tables, and where the next ones begin."""

    records: dict[str, list[Record]]
    cursor: list[str] | None


@dataclass(frozen=True, slots=True)
class Source:
    """A table of a copy with its parts; of memories only the live, or only what deletes left."""

    table: Table
    is_live: bool = True

    @property
    def name(self) -> str:
        return self.table.label if self.is_live else f"{self.table.label}, deleted"


def list_sources(profile: Profile) -> list[Source]:
    """In the order of a copy. What a delete has left says only when: it is for access."""
    sources = []
    for table in list_whole_tables():
        if not list_columns(table, profile):
            continue
        sources.append(Source(table))
        if table.classes.model is Memory and profile == Profile.ACCESS:
            sources.append(Source(table, is_live=False))
    return sources


def list_columns(table: Table, profile: Profile) -> list[str]:
    return [name for name, column in table.classes.columns.items() if is_in(column, profile)]


def list_sealed(label: str) -> list[str]:
    """The columns that hold what somebody wrote."""
    fields = get_table(label).classes.model._meta.local_fields
    return [field.name for field in fields if isinstance(field, SealedField)]


def list_described(profile: Profile) -> list[tuple[str, str]]:
    """What is held and only described: (table, column)."""
    if profile != Profile.ACCESS:
        return []
    tables = [table for whole in list_whole_tables() for table in (whole, *list_parts(whole))]
    return [
        (table.label, name)
        for table in tables
        for name, column in table.classes.columns.items()
        if column.copies == Copies.DESCRIBED
    ]


def is_in(column: Column, profile: Profile) -> bool:
    if profile == Profile.ACCESS:
        return column.copies in {Copies.BOTH, Copies.ACCESS}
    return column.copies == Copies.BOTH


def read_batch(
    source: Source, subject: Subject | None, profile: Profile, cursor: list[str] | None
) -> Batch:
    """The next rows after `cursor`, and all their parts, opened; everybody's without a subject."""
    rows = _read_rows(source, subject, cursor)
    names = _name_entities(rows)
    records = {source.table.label: [_make(source.table, row, profile, names) for row in rows]}
    ids = [row.id for row in rows]
    for part in list_parts(source.table):
        if list_columns(part, profile):
            found = _sort(part, _open(part, part.find_parts(ids)), ids)
            records[part.label] = [_make(part, row, profile, names) for row in found]
    following = _cursor_of(source, rows[-1]) if len(rows) == CHUNK else None
    return Batch(records, following)


def make_records(label: str, rows: Any, profile: Profile) -> list[Record]:
    """A record of each of these rows of one table, opened, without their parts. In their order."""
    table = get_table(label)
    found = _open(table, rows)
    names = _name_entities(found)
    return [_make(table, row, profile, names) for row in found]


def count_records(source: Source, subject: Subject) -> int:
    return _select(source, subject).count()


def _select(source: Source, subject: Subject | None) -> Any:
    rows = source.table.find(subject) if subject else source.table.rows
    if source.table.classes.model is Memory:
        return rows.filter(deleted_at__isnull=source.is_live)
    return rows


def _read_rows(source: Source, subject: Subject | None, cursor: list[str] | None) -> Sequence[Any]:
    """Live memories in the order of their index, everything else by id."""
    rows = _select(source, subject)
    if _is_timed(source):
        rows = rows.order_by("created_at", "id")
        if cursor:
            rows = rows.filter(_is_after(*cursor))
    else:
        rows = rows.order_by("id")
        if cursor:
            rows = rows.filter(id__gt=cursor[0])
    return _open(source.table, rows[:CHUNK])


def _sort(part: Table, rows: list[Any], ids: Sequence[UUID]) -> list[Any]:
    """In the order of their wholes, so that no chunk shows in the copy."""
    whose = part.classes.whose
    assert isinstance(whose, PartOf)
    field: Any = part.classes.model._meta.get_field(whose.column)
    places = {row_id: place for place, row_id in enumerate(ids)}
    return sorted(rows, key=lambda row: (places[getattr(row, field.attname)], row.id))


def _open(table: Table, rows: Any) -> list[Any]:
    """The rows, with their keys where something in them is sealed."""
    return with_keys(rows, owner=_owner_of(table)) if table.has_sealed else list(rows)


def _is_after(at: str, row_id: str) -> Any:
    """As one comparison of pairs, which the index answers however many rows have the same time."""
    return TupleGreaterThan(Tuple("created_at", "id"), (datetime.fromisoformat(at), UUID(row_id)))


def _cursor_of(source: Source, row: Any) -> list[str]:
    if _is_timed(source):
        return [row.created_at.isoformat(), str(row.id)]
    return [str(row.id)]


def _is_timed(source: Source) -> bool:
    return source.table.classes.model is Memory and source.is_live


def _owner_of(table: Table) -> str:
    """The column that names whose key seals a row."""
    if has_column(table, "key_owner_id"):
        return "key_owner_id"
    whose = table.classes.whose
    assert isinstance(whose, OfEntities)
    return whose.columns[0]


def _name_entities(rows: Iterable[Any]) -> dict[UUID, str]:
    """External ids of the entities to which these rows refer."""
    ids = {
        getattr(row, field.attname)
        for row in rows
        for field in _references(row)
        if getattr(row, field.attname)
    }
    found = find_entities_by_id(ids)
    return {entity.id: entity.external_id for entity in found if entity.external_id is not None}


def _references(row: Any) -> Iterator[Any]:
    for field in row._meta.local_fields:
        if isinstance(field, TenantForeignKey) and field.related_model is Entity:
            yield field


def _make(table: Table, row: Any, profile: Profile, names: dict[UUID, str]) -> Record:
    """Our own id first, then the columns; entities by the application's ids."""
    record: Record = {"id": str(row.id)}
    references = {field.name for field in _references(row)}
    for name in list_columns(table, profile):
        field: Any = table.classes.model._meta.get_field(name)
        value = getattr(row, field.attname)
        record[name] = names.get(value) if name in references else value
    return record
