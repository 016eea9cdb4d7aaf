"""Whose rows are where: the classification as conditions on tables. Needs an open scope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Q, QuerySet

from apps.common.personal_data import Fate, OfEntities, PartOf
from apps.isolation.models import TenantOwned
from apps.keys.fields import SealedField
from apps.memories.enums import EntityKind
from apps.memories.models import Entity, Memory
from apps.privacy.classification import Classes, list_classes
from apps.privacy.models import Request

KINDS = frozenset(EntityKind.values)


@dataclass(frozen=True, slots=True)
class Subject:
    """The entity that a request is about."""

    kind: EntityKind
    id: UUID


def subject_of(request: Request) -> Subject | None:
    """None where nothing is kept about whom the request names."""
    if request.subject_id is None:
        return None
    return Subject(EntityKind(request.subject_kind), request.subject_id)


@dataclass(frozen=True, slots=True)
class Table:
    """A tenant's table with rows about people."""

    classes: Classes

    @property
    def label(self) -> str:
        return self.classes.label

    @property
    def rows(self) -> "QuerySet[Any]":
        manager: Any = self.classes.model
        return manager.objects.all()

    @property
    def is_deleted(self) -> bool:
        """An erasure deletes its rows."""
        return any(
            column.is_personal and column.fate == Fate.DELETED
            for column in self.classes.columns.values()
        )

    @property
    def blanked(self) -> list[str]:
        """Columns that an erasure empties, where the rows stay."""
        columns = self.classes.columns.items()
        return [name for name, column in columns if column.fate == Fate.BLANKED]

    @property
    def has_sealed(self) -> bool:
        return any(
            isinstance(field, SealedField) for field in self.classes.model._meta.local_fields
        )

    def find(self, subject: Subject) -> "QuerySet[Any]":
        """The rows that name this entity themselves."""
        whose = self.classes.whose
        assert isinstance(whose, OfEntities)
        condition = Q(pk__in=())
        for column in whose.columns:
            if column not in KINDS or column == subject.kind:
                condition |= Q(**{column: subject.id})
        return self.rows.filter(condition)

    def find_parts(self, ids: Any) -> "QuerySet[Any]":
        """The rows that are part of these wholes: ids, or a query of them."""
        whose = self.classes.whose
        assert isinstance(whose, PartOf)
        return self.rows.filter(**{f"{whose.column}__in": ids})


@cache
def list_tables() -> tuple[Table, ...]:
    """All of them, parts before what they are part of, and entities last."""
    tables = [
        Table(classes)
        for classes in list_classes()
        if classes.is_about_people and issubclass(classes.model, TenantOwned)
    ]
    return tuple(sorted(tables, key=lambda table: (table.classes.model is Entity, table.label)))


def list_whole_tables() -> list[Table]:
    """Those whose rows name entities themselves."""
    return [table for table in list_tables() if isinstance(table.classes.whose, OfEntities)]


def list_parts(whole: Table) -> list[Table]:
    """Tables whose rows are part of rows of this one."""
    return [
        table
        for table in list_tables()
        if isinstance(table.classes.whose, PartOf) and table.classes.whose.whole == whole.label
    ]


def pick(table: Table, subject: Subject, limit: int) -> list[UUID]:
    """Ids of some rows of this entity, held until the commit, in the order of their ids.

    Of memories the live ones first, then what deletes have left: each has an index of its own.
    """
    rows = table.find(subject)
    if table.classes.model is Memory:
        live = rows.filter(deleted_at=None).order_by()
        rows = live if live.exists() else rows.exclude(deleted_at=None)
    ids = list(rows.order_by().values_list("id", flat=True)[:limit])
    held = table.rows.filter(id__in=ids).order_by("id").select_for_update()
    return list(held.values_list("id", flat=True))


def count_rows(subject: Subject) -> Mapping[str, int]:
    """How many rows there are of this entity, by table; those that stay are not among them."""
    counts = {}
    for table in list_whole_tables():
        if not table.is_deleted:
            continue
        rows = table.find(subject)
        counts[table.label] = rows.count()
        for part in list_parts(table):
            if part.is_deleted:
                wholes = rows.order_by().values("id")
                counts[part.label] = part.find_parts(wholes).count()
    return counts


def count_by_owner(rows: "QuerySet[Any]", owner_id: UUID) -> tuple[int, int]:
    """(rows under this entity's key, rows under another's)."""
    counts = dict(rows.order_by().values_list("key_owner_id").annotate(Count("id")))
    own = counts.pop(owner_id, 0)
    return own, sum(counts.values())


def has_column(table: Table, name: str) -> bool:
    return any(field.attname == name for field in table.classes.model._meta.local_fields)


def get_table(label: str) -> Table:
    return next(table for table in list_tables() if table.label == label)


def list_database_tables(labels: Iterable[str]) -> list[str]:
    return [apps.get_model(label)._meta.db_table for label in labels]
