"""Querysets that are compiled once: the ORM writes the SQL, tenant predicate included, and each
call only binds values. For statements on the path of every request, where building and compiling
a queryset costs more than running it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BooleanField, Expression, Field, Func, JSONField, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import get_related_populators

from apps.isolation.prepared import open_prepared_cursor
from apps.isolation.scope import current_tenant_id, pretend_scope

M = TypeVar("M", bound=Model)

PRETENDED_TENANT = UUID("00000000-0000-7000-8000-00000000face")  # in the compiled parameters only


class Bind(Expression):
    """Stands for a value that each call gives by this name."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


class IsAnyOf(Func):
    """`column = ANY(array)`: one statement for any number of values."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class Compiled(Generic[M]):
    """Call with the values of the Binds; answers the rows as instances, like the queryset.

    With `is_page` it takes `limit` and `offset` too. Of a `values_list` it answers tuples.
    """

    def __init__(self, build: "Callable[[], QuerySet[M]]", *, is_page: bool = False) -> None:
        self._build = build
        self._is_page = is_page

    def __call__(self, **values: Any) -> list[M]:
        sql, params = self._statement
        with open_prepared_cursor() as cursor:
            cursor.execute(sql, [bind(param, values) for param in params])
            return list(map(self._hydrate, cursor.fetchall()))

    @cached_property
    def _compiler(self) -> Any:
        with pretend_scope(PRETENDED_TENANT):
            return self._build().query.get_compiler(DEFAULT_DB_ALIAS)

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        with pretend_scope(PRETENDED_TENANT):
            sql, params = self._compiler.as_sql()
        if self._is_page:
            return f"{sql} LIMIT %s OFFSET %s", (*params, Bind("limit"), Bind("offset"))
        return sql, tuple(params)

    @cached_property
    def _hydrate(self) -> Callable[[Sequence[Any]], Any]:
        return tuple if self._compiler.klass_info is None else _Hydrator(self._compiler).hydrate


class _Hydrator(Generic[M]):
    """Makes instances of rows as Model.from_db does, several times faster: without its signals."""

    def __init__(self, compiler: Any) -> None:
        info, select = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1]
        fields = [column[0].target for column in select[first : last + 1]]
        if any(isinstance(column[0].output_field, JSONField) for column in select):
            raise TypeError("Django reads JSON from text, and answers here are binary.")
        self._model: type[M] = info["model"]
        places = {field.attname: place for place, field in enumerate(fields, start=first)}
        places |= compiler.annotation_col_map
        self._names, self._pick = tuple(places), _make_pick(list(places.values()))
        converters = compiler.get_converters([column[0] for column in select])
        self._converters = [
            (place, convert, expression)
            for place, (found, expression) in converters.items()
            for convert in found
        ]
        self._related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def hydrate(self, row: Sequence[Any]) -> M:
        values = list(row)
        for place, convert, expression in self._converters:
            if values[place] is not None:
                values[place] = convert(values[place], expression, connection)
        instance = self._model.__new__(self._model)
        instance.__dict__.update(zip(self._names, self._pick(values), strict=True))
        instance._state = ModelState()
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS
        for populator in self._related:
            populator.populate(values, instance)
        return instance


def _make_pick(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    pick = itemgetter(*places)
    return pick if len(places) > 1 else lambda values: (pick(values),)


def bind(param: Any, values: Mapping[str, Any]) -> Any:
    """What a compiled parameter stands for now."""
    if isinstance(param, Bind):
        return values[param.name]
    return current_tenant_id() if param == PRETENDED_TENANT else param
