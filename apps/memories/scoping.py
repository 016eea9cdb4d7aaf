"""A filter as a condition on rows that have entities. Needs an open scope."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from django.db.models import F, Q

from apps.isolation.compiled import Bind, IsAnyOf
from apps.memories.filters import All, AnyOf, Filter, Not, OneOf, Present, named_entities
from apps.memories.models import Entity
from apps.memories.queries import EntityName, find_entities

Known = Mapping[EntityName, Entity]
Values = dict[str, Any]

Shape = tuple[Any, ...]
"""A filter without its values, which it names: equal for filters that make the same SQL."""


def compile_filter(tree: Filter) -> Q:
    """The condition on Memory and on Vector. One statement, to find the entities."""
    shape, values = shape_filter(tree, find_entities(named_entities(tree)))
    return make_condition(shape, values.__getitem__)


def shape_filter(tree: Filter, known: Known) -> tuple[Shape, Values]:
    """What the filter's SQL looks like, and the entities' ids that it is run with."""
    values: Values = {}
    return _shape(tree, known, values, count()), values


def make_condition(shape: Shape, value_of: Callable[[str], Any]) -> Q:
    """The shape with the values, or the Binds, that `value_of` gives for their names."""
    match shape:
        case ("present", kind):
            return Q(**{f"{kind}__isnull": False})
        case ("one", kind, name):
            return Q(**{kind: value_of(name)})
        case ("any", kind, name):
            value = value_of(name)
            is_bound = isinstance(value, Bind)
            return Q(IsAnyOf(F(f"{kind}_id"), value)) if is_bound else Q(**{f"{kind}__in": value})
        case ("not", part):
            return ~make_condition(part, value_of)
        case (connector, *parts):
            return Q(*(make_condition(part, value_of) for part in parts), _connector=connector)
    raise ValueError(shape)


def _shape(tree: Filter, known: Known, values: Values, numbers: "count[int]") -> Shape:
    match tree:
        case Present(kind):
            return ("present", kind.value)
        case OneOf(kind, names):
            ids = [known[kind, name].id for name in names if (kind, name) in known]
            value = f"ids{next(numbers)}"
            values[value] = ids[0] if len(ids) == 1 else ids
            return ("one" if len(ids) == 1 else "any", kind.value, value)
        case Not(part):
            return ("not", _shape(part, known, values, numbers))
        case All(parts):
            return (Q.AND, *(_shape(part, known, values, numbers) for part in parts))
        case AnyOf(parts):
            return (Q.OR, *(_shape(part, known, values, numbers) for part in parts))
