"""Searching for what an erasure has left."""

from dataclasses import dataclass
from typing import Any

from apps.keys.models import EntityKey
from apps.privacy.subjects import Subject, has_column, list_parts, list_whole_tables


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked of a table, and how many rows answered."""

    table: str
    asked: str
    left: int

    def describe(self) -> dict[str, Any]:
        return {"table": self.table, "asked": self.asked, "left": self.left}


def search_residue(subject: Subject) -> list[Query]:
    """Every table that may hold rows of the entity, by every column that may name it; its key."""
    queries = []
    for table in list_whole_tables():
        rows = table.find(subject)
        if table.is_deleted:
            queries.append(Query(table.label, "rows that name the entity", rows.count()))
        for part in list_parts(table):
            if part.is_deleted and has_column(part, "key_owner_id"):
                rows_under_key = part.rows.filter(key_owner_id=subject.id)
                queries.append(Query(part.label, "rows under the key", rows_under_key.count()))
        for column in table.blanked:
            filled = rows.exclude(**{f"{column}__isnull": True}).count()
            queries.append(Query(table.label, f"rows with {column}", filled))
    live = EntityKey.objects.filter(id=subject.id, wrapped__isnull=False).count()
    queries.append(Query(EntityKey._meta.label, "a key that opens", live))
    return queries
