"""Querysets that are compiled once: the ORM writes the SQL, tenant predicate included, and each
call only binds values. For statements on the path of every request, where building and compiling
a queryset costs more than running it.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BooleanField, Expression, Field, Func, Model, QuerySet
from django.db.models.query import get_related_populators

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
    """Call with the values of the Binds; answers the rows as instances, like the queryset."""

    def __init__(self, build: "Callable[[], QuerySet[M]]") -> None:
        self._build = build

    def __call__(self, **values: Any) -> list[M]:
        sql, params = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [bind(param, values) for param in params])
            return list(self._hydrate(cursor.fetchall()))

    @cached_property
    def _compiler(self) -> Any:
        with pretend_scope(PRETENDED_TENANT):
            return self._build().query.get_compiler(DEFAULT_DB_ALIAS)

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        with pretend_scope(PRETENDED_TENANT):
            sql, params = self._compiler.as_sql()
        return sql, tuple(params)

    @cached_property
    def _columns(self) -> tuple[type[M], slice, list[str], dict[str, int], Any]:
        info, select = self._compiler.klass_info, self._compiler.select
        own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        names = [column[0].target.attname for column in select[own]]
        related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        return info["model"], own, names, self._compiler.annotation_col_map, related

    def _hydrate(self, rows: list[Any]) -> Iterator[M]:
        model, own, names, annotations, related = self._columns
        for row in self._compiler.results_iter([rows]):
            instance = model.from_db(DEFAULT_DB_ALIAS, names, row[own])
            for name, place in annotations.items():
                setattr(instance, name, row[place])
            for populator in related:
                populator.populate(row, instance)
            yield instance


def bind(param: Any, values: Mapping[str, Any]) -> Any:
    """What a compiled parameter stands for now."""
    if isinstance(param, Bind):
        return values[param.name]
    return current_tenant_id() if param == PRETENDED_TENANT else param
