"""Writing any number of rows by a statement that stays the same, so that it stays prepared.

Django writes a new statement for each number of rows, with a parameter for each value: of twenty
memories that costs more than everything else an add does. Here all rows travel as one document,
which PostgreSQL takes apart.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.db import connection

from apps.isolation.models import TenantOwned
from apps.isolation.prepared import open_prepared_cursor
from apps.isolation.scope import TenantScopeError, current_scope, current_tenant_id

if TYPE_CHECKING:
    from django.db.models import Field

M = TypeVar("M", bound=TenantOwned)


class Insert(Generic[M]):
    """Call with rows of one model; answers the ids of those that were inserted.

    A row that repeats another's `unique` columns is left out; without them a repeat is an
    IntegrityError. Raises TenantScopeError for a row of another tenant.
    """

    def __init__(self, model: type[M], *, unique: Sequence[str] = ()) -> None:
        self._model = model
        self._unique = unique

    def __call__(self, rows: Sequence[M]) -> set[UUID]:
        _check_tenant(rows)
        if not rows:
            return set()
        with open_prepared_cursor() as cursor:
            cursor.execute(self._sql, [_write_rows(self._fields, rows, is_new=True)])
            inserted = {row_id for (row_id,) in cursor.fetchall()}
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias
        return inserted

    @cached_property
    def _fields(self) -> "Sequence[Field[Any, Any]]":
        return self._model._meta.local_concrete_fields

    @cached_property
    def _sql(self) -> str:
        quote = connection.ops.quote_name
        names = ", ".join(_quote(field) for field in self._fields)
        repeats = ", ".join(map(quote, self._unique))
        return (
            f"INSERT INTO {quote(self._model._meta.db_table)} ({names})"  # noqa: S608
            f" SELECT {names} FROM {_read_rows(self._fields)}"
            + (f" ON CONFLICT ({repeats}) DO NOTHING" if repeats else "")
            + " RETURNING id"
        )


class Update(Generic[M]):
    """Call with rows whose `fields` have changed. Raises TenantScopeError as Insert does."""

    def __init__(self, model: type[M], *, fields: Sequence[str]) -> None:
        self._model = model
        self._fields = fields

    def __call__(self, rows: Sequence[M]) -> None:
        _check_tenant(rows)
        if not rows:
            return
        document = _write_rows(self._columns, rows, is_new=False)
        with open_prepared_cursor() as cursor:
            cursor.execute(self._sql, [document, current_tenant_id()])

    @cached_property
    def _columns(self) -> "Sequence[Field[Any, Any]]":
        fields = {field.name: field for field in self._model._meta.local_concrete_fields}
        return [fields[name] for name in ("id", *self._fields)]

    @cached_property
    def _sql(self) -> str:
        quote = connection.ops.quote_name
        names = [_quote(field) for field in self._columns[1:]]
        return (
            f"UPDATE {quote(self._model._meta.db_table)} AS old"  # noqa: S608
            f" SET {', '.join(f'{name} = new.{name}' for name in names)}"
            f" FROM {_read_rows(self._columns)} WHERE old.tenant_id = %s AND old.id = new.id"
        )


def _quote(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))


def _read_rows(fields: "Sequence[Field[Any, Any]]") -> str:
    columns = (f"{_quote(field)} {field.db_type(connection)}" for field in fields)
    return f"json_to_recordset(%s::json) AS new ({', '.join(columns)})"


def _write_rows(
    fields: "Sequence[Field[Any, Any]]", rows: Sequence[TenantOwned], *, is_new: bool
) -> str:
    columns = [(str(field.column), field) for field in fields]
    document = [
        {name: field.get_prep_value(field.pre_save(row, add=is_new)) for name, field in columns}
        for row in rows
    ]
    return orjson.dumps(document, default=_write_bytes).decode()


def _write_bytes(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} is no column's value.")


def _check_tenant(rows: Sequence[TenantOwned]) -> None:
    scope = current_scope()
    if scope.is_filtered and any(row.tenant_id != scope.tenant_id for row in rows):
        raise TenantScopeError("A row of another tenant can't be written in this scope.")
