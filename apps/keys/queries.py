"""Reading wrapped keys beside the rows that they open, in one statement.

Where a key is destroyed, what it sealed reads as None: such a row answers like a deleted one.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, OuterRef, QuerySet, Subquery

from apps.keys.fields import Sealed, SealedField
from apps.keys.models import EntityKey
from apps.keys.ring import current_ring

M = TypeVar("M", bound=Model)

ATTRIBUTE = "wrapped_key"


def annotate_keys(rows: "QuerySet[M]", *, owner: str = "key_owner_id") -> "QuerySet[M]":
    """The same rows with the wrapped keys of their owners beside them, for `remember_keys`."""
    keys = EntityKey.objects.filter(id=OuterRef(owner)).values("wrapped")
    return rows.annotate(**{ATTRIBUTE: Subquery(keys)})


def remember_keys(rows: Iterable[Any]) -> None:
    """Put the keys that were read beside these rows into the scope's ring; blank where none is."""
    wrapped = {}
    for row in rows:
        if key := getattr(row, ATTRIBUTE):
            wrapped[row.key_owner_id] = bytes(key)
        elif row.key_owner_id is not None:
            _blank(row)
    current_ring().remember(wrapped)


def load_keys(rows: Iterable[Any]) -> None:
    """Have the keys of these rows in the scope's ring: a statement only where one is not there."""
    ring, rows = current_ring(), list(rows)
    owners = {row.key_owner_id for row in rows} - {None}
    ring.load(owners)
    destroyed = owners - ring.entity_keys.keys()
    for row in rows if destroyed else ():
        if row.key_owner_id in destroyed:
            _blank(row)


def with_keys(rows: "QuerySet[M]", *, owner: str = "key_owner_id") -> list[M]:
    """The rows, with their keys in the scope's ring. One statement."""
    found = list(annotate_keys(rows, owner=owner))
    remember_keys(found)
    return found


def open_rows(rows: Iterable[Model]) -> None:
    """Open all that was read of what is sealed on them: for what leaves the scope."""
    for row in rows:
        for name in [name for name, value in vars(row).items() if type(value) is Sealed]:
            getattr(row, name)


def _blank(row: Model) -> None:
    for field in row._meta.local_fields:
        if isinstance(field, SealedField):
            setattr(row, field.attname, None)
