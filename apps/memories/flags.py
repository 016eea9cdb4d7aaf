"""What a flag of an entity means for the rows that name it, as conditions. Needs an open scope."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import BooleanField, Exists, ExpressionWrapper, Model, OuterRef, Q, QuerySet

from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.models import Entity

M = TypeVar("M", bound=Model)


KEEPING = (EntityFlag.HELD, EntityFlag.RESTRICTED)
"""Under these nobody but the person can have anything deleted; under a hold not even they."""


def mark_flagged(rows: "QuerySet[M]", **marks: Sequence[EntityFlag]) -> "QuerySet[M]":
    """The same rows, each with an attribute for each mark: whether it has one of these flags."""
    return rows.annotate(
        **{
            name: ExpressionWrapper(is_flagged(*flags), output_field=BooleanField())
            for name, flags in marks.items()
        }
    )


def is_flagged(*flags: EntityFlag) -> Q:
    """One of the row's entities has one of these flags.

    Where nobody has them, which is nearly always, it costs a look into an empty index for the whole
    statement: PostgreSQL asks the first part once, the second of each row and only if that is true.
    """
    condition = Q()
    for flag in flags:
        flagged = Entity.objects.filter(**{f"{flag.value}_at__isnull": False})
        named = Q(*(Q(id=OuterRef(f"{kind.value}_id")) for kind in EntityKind), _connector=Q.OR)
        condition |= Q(Exists(flagged)) & Q(Exists(flagged.filter(named)))
    return condition
