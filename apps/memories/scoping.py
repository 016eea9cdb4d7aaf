"""A filter as a condition on rows that have entities. Needs an open scope."""

from collections.abc import Mapping

from django.db.models import Q

from apps.memories.filters import All, AnyOf, Filter, Not, OneOf, Present, named_entities
from apps.memories.models import Entity
from apps.memories.queries import EntityName, find_entities

Known = Mapping[EntityName, Entity]


def compile_filter(tree: Filter, known: Known | None = None) -> Q:
    """The condition on Memory and on Vector. One statement, unless the entities are known."""
    if known is None:
        known = find_entities(named_entities(tree))
    return _compile(tree, known)


def _compile(tree: Filter, known: Known) -> Q:
    match tree:
        case Present(kind):
            return Q(**{f"{kind.value}__isnull": False})
        case OneOf(kind, values):
            ids = [known[kind, value].id for value in values if (kind, value) in known]
            return Q(**{kind.value: ids[0]} if len(ids) == 1 else {f"{kind.value}__in": ids})
        case Not(part):
            return ~_compile(part, known)
        case All(parts):
            condition = Q()
            for part in parts:
                condition &= _compile(part, known)
            return condition
        case AnyOf(parts):
            condition = _compile(parts[0], known)
            for part in parts[1:]:
                condition |= _compile(part, known)
            return condition
