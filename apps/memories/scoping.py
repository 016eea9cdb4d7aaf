"""A filter as a condition on rows that have entities. Needs an open scope."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q

from apps.common.errors import Invalid
from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.memories.conditions import (
    All,
    AnyOf,
    Compare,
    Filter,
    HasId,
    Not,
    OneOf,
    Present,
    Sealed,
    find_sealed,
    named_entities,
)
from apps.memories.matching import matches, narrow
from apps.memories.models import Entity, Memory, ScopedByEntities, Vector
from apps.memories.queries.entities import EntityName, find_entities
from apps.memories.queries.memories import load_memories

Known = Mapping[EntityName, Entity]
Values = dict[str, Any]

Shape = tuple[Any, ...]
"""A filter without its values, which it names: equal for filters that make the same SQL."""

KEPT_STATEMENTS = 500
OPENED_AT_ONCE = 1_000


def compile_filter(tree: Filter) -> Q:
    """The condition on Memory. One statement, to find the entities; more where it is sealed."""
    shape, values = shape_filter(tree, find_entities(named_entities(tree)))
    return make_condition(shape, values.__getitem__)


@dataclass(frozen=True, slots=True)
class Sieve:
    """A filter in two steps: a condition on Memory, and what only opened rows can answer."""

    condition: Q
    tree: Filter
    known: Known

    def passes(self, row: Memory) -> bool:
        """Opens the row, whose key is in the ring; one whose key is gone never passes."""
        return matches(self.tree, row, self.known) and row.text is not None


def make_sieve(tree: Filter) -> Sieve:
    """One statement, to find the entities. Unlike `compile_filter` it opens nothing itself."""
    known, values = find_entities(named_entities(tree)), Values()
    shape = _bound(tree, known, values)
    return Sieve(make_condition(shape, values.__getitem__), tree, known)


def shape_filter(tree: Filter, known: Known) -> tuple[Shape, Values]:
    """What the filter's SQL looks like, and the values that it is run with.

    Where it asks for what is sealed, the candidates are read, opened and tested here: then the
    shape is that of the ids that passed. Invalid, naming the field, above FILTER_SCAN_LIMIT
    candidates.
    """
    values = Values()
    shape = _bound(tree, known, values)
    if sealed := find_sealed(tree):
        return ("ids", "ids"), {"ids": _find_passing(tree, sealed, known, shape, values)}
    return shape, values


def make_condition(  # noqa: PLR0911 - one a kind
    shape: Shape, value_of: Callable[[str], Any], model: type[ScopedByEntities] = Memory
) -> Q:
    """The shape with the values, or the Binds, that `value_of` gives for their names."""
    match shape:
        case ("present", kind):
            return Q(**{f"{kind}__isnull": False})
        case ("one", kind, name):
            return Q(**{kind: value_of(name)})
        case ("any", kind, name):
            return _is_any_of(f"{kind}_id", value_of(name))
        case ("ids", name):
            return _is_any_of("id", value_of(name))
        case ("time", "updated_at", lookup, name) if model is Vector:
            rows = Memory.objects.filter(id=OuterRef("pk"))
            return Q(Exists(rows.filter(**{f"updated_at__{lookup}": value_of(name)})))
        case ("time", column, lookup, name):
            return Q(**{f"{column}__{lookup}": value_of(name)})
        case ("marks", name):
            return Q(marks=None) | Q(_HasAny(F("marks"), value_of(name)))
        case ("not", part):
            return ~make_condition(part, value_of, model)
        case (connector, *parts):
            conditions = (make_condition(part, value_of, model) for part in parts)
            return Q(*conditions, _connector=connector)
    raise ValueError(shape)


def _bound(tree: Filter, known: Known, values: Values) -> Shape:
    shape = _shape(tree, known, values, count(), is_bound=True)
    assert shape is not None, "A filter without an entity."
    return shape


def _shape(  # noqa: PLR0911 - one a kind
    tree: Filter, known: Known, values: Values, numbers: "count[int]", *, is_bound: bool
) -> Shape | None:
    """An upper bound of what the filter matches, or a lower one; exact where nothing is sealed.

    None is no bound: everything as an upper one, nothing as a lower one.
    """
    match tree:
        case Not(part):
            shape = _shape(part, known, values, numbers, is_bound=not is_bound)
            return shape and ("not", shape)
        case All(parts) | AnyOf(parts):
            shapes = [_shape(part, known, values, numbers, is_bound=is_bound) for part in parts]
            is_all = isinstance(tree, All)
            return _join(
                shapes if is_all else _merge_marks(shapes, values), is_all=is_all, is_bound=is_bound
            )
        case Present(kind):
            return ("present", kind.value)
        case Sealed():
            marks = narrow(tree) if is_bound else None
            return None if marks is None else ("marks", _name(values, numbers, marks))
        case HasId(ids):
            return ("ids", _name(values, numbers, list(ids)))
        case Compare(column, lookup, value):
            return ("time", column, lookup, _name(values, numbers, value))
        case OneOf(kind, names):
            owners = [known[kind, name].id for name in names if (kind, name) in known]
            is_one = len(owners) == 1
            named = _name(values, numbers, owners[0] if is_one else owners)
            return ("one" if is_one else "any", kind.value, named)


def _merge_marks(shapes: Iterable[Shape | None], values: Values) -> list[Shape | None]:
    """One look at a row's marks in place of one for each alternative."""
    shapes = list(shapes)
    marks = [shape for shape in shapes if shape and shape[0] == "marks"]
    if len(marks) < 2:  # noqa: PLR2004 - nothing to merge
        return shapes
    for _, name in marks[1:]:
        values[marks[0][1]] += values.pop(name)
    return [marks[0], *(shape for shape in shapes if shape not in marks)]


def _join(shapes: Iterable[Shape | None], *, is_all: bool, is_bound: bool) -> Shape | None:
    shapes = list(shapes)
    bounds = [shape for shape in shapes if shape is not None]
    if not bounds or (is_all != is_bound and len(bounds) < len(shapes)):
        return None
    return (Q.AND if is_all else Q.OR, *bounds)


def _name(values: Values, numbers: "count[int]", value: Any) -> str:
    name = f"value{next(numbers)}"
    values[name] = value
    return name


def _is_any_of(column: str, value: Any) -> Q:
    if isinstance(value, Bind):
        return Q(IsAnyOf(F(column), value))
    return Q(**{f"{column}__in": value})


class _HasAny(Func):
    template = "(%(expressions)s::bigint[])"
    arg_joiner = " && "
    output_field = BooleanField()


def _find_passing(
    tree: Filter, sealed: Sealed, known: Known, shape: Shape, values: Values
) -> list[UUID]:
    """Two statements, and one for each thousand candidates. Rows whose key is gone never pass."""
    limit = settings.FILTER_SCAN_LIMIT
    ids = [row.id for row in _compile_ids(shape)(**values, limit=limit + 1, offset=0)]
    if len(ids) > limit:
        raise Invalid(
            f"{sealed.field} can be asked of at most {limit} memories: what it is asked of is"
            " encrypted. Narrow the filter by entities, times or ids.",
            field=sealed.field,
        )
    return [
        row.id
        for start in range(0, len(ids), OPENED_AT_ONCE)
        for row in load_memories(ids[start : start + OPENED_AT_ONCE])
        if matches(tree, row, known) and row.text is not None
    ]


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compile_ids(shape: Shape) -> Compiled[Memory]:
    return Compiled(
        lambda: Memory.objects.live().filter(make_condition(shape, Bind)).only("id"), is_page=True
    )
