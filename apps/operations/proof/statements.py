"""The proof's own SQL, on the serving connection: what it measures with, and attacks past the ORM.

What writes names one canary's rows, so that it would touch nobody else's even if no wall stood.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from apps.common.errors import Conflict
from apps.isolation.models import TenantOwned
from apps.isolation.row_security import name_table, quote_table
from apps.isolation.scope import SETTING

LOCK = 7_305_118  # any number that nothing else in this database locks

Measure = Mapping[str, tuple[int, str | None]]
"""By table: how many rows a tenant has, and a digest of the one that was planted."""

MEASURE = sql.SQL(
    "SELECT {name}, count(*), md5(string_agg(row::text, ' ') FILTER (WHERE id = {id}))"
    " FROM {table} AS row WHERE tenant_id = {tenant}"
)
SELECT_OF_TENANT = sql.SQL("SELECT id FROM {table} WHERE tenant_id = %s")
SELECT_BY_ID = sql.SQL("SELECT tenant_id FROM {table} WHERE id = %s")
SELECT_BUT_OF_TENANT = sql.SQL("SELECT id FROM {table} WHERE tenant_id <> %s LIMIT 1")
UPDATE_OF_TENANT = sql.SQL("UPDATE {table} SET id = id WHERE tenant_id = %s")
DELETE_OF_TENANT = sql.SQL("DELETE FROM {table} WHERE tenant_id = %s")
MOVE = sql.SQL("UPDATE {table} SET tenant_id = %s WHERE tenant_id = %s AND id = %s")
POINT = sql.SQL("UPDATE {table} SET {column} = %s WHERE tenant_id = %s AND id = %s")
READ_DOCUMENT = sql.SQL("SELECT to_jsonb(row)::text FROM {table} AS row WHERE id = %s")
INSERT_DOCUMENT = sql.SQL(
    "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, %s::jsonb"
    " || jsonb_build_object('tenant_id', %s::text, 'id', gen_random_uuid()))).*"
)


@contextmanager
def hold_lock() -> Iterator[None]:
    """One proof at a time in one database, else Conflict. PostgreSQL lets go when a process ends.

    In a transaction of a connection of its own: that works behind PgBouncer, and with any pool.
    """
    own = connection.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            is_ours = cursor.fetchone() == (True,)
        if not is_ours:
            raise Conflict("A proof is running on this database. Wait for its end.")
        try:
            yield
        finally:
            own.rollback()  # answered when the lock is free, as closing the connection is not
    finally:
        own.close()


def open_policies(tenant_id: UUID) -> None:
    """Let the policies pass another tenant than the open scope's, until the transaction's end."""
    _set("SELECT set_config(%s, %s, true)", SETTING, str(tenant_id))


@contextmanager
def policies_off() -> Iterator[None]:
    """PostgreSQL then raises where a policy would have left rows out."""
    _set("SET LOCAL row_security = off")
    try:
        yield
    finally:
        _set("SET LOCAL row_security = on")


def measure(rows: Iterable[TenantOwned]) -> Measure:
    """Of the tables of these rows, in the scope of their tenant. One statement."""
    parts = [
        MEASURE.format(
            name=sql.Literal(name_table(type(row))),
            table=_table(type(row)),
            id=sql.Literal(row.id),
            tenant=sql.Literal(row.tenant_id),
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def select_of_tenant(model: type[TenantOwned], tenant_id: UUID) -> list[Any]:
    return _ask(SELECT_OF_TENANT, model, tenant_id)


def select_by_id(row: TenantOwned) -> list[Any]:
    return _ask(SELECT_BY_ID, type(row), row.id)


def select_but_of_tenant(model: type[TenantOwned], tenant_id: UUID) -> list[Any]:
    return _ask(SELECT_BUT_OF_TENANT, model, tenant_id)


def select_wrapped_key(tenant_id: UUID) -> list[Any]:
    """By the function that opening a scope calls."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT keys.read_tenant_key(%s)", [tenant_id])
        return [key for (key,) in cursor.fetchall() if key is not None]


def update_of_tenant(model: type[TenantOwned], tenant_id: UUID) -> int:
    return _change(UPDATE_OF_TENANT, model, tenant_id)


def delete_of_tenant(model: type[TenantOwned], tenant_id: UUID) -> int:
    return _change(DELETE_OF_TENANT, model, tenant_id)


def move(row: TenantOwned, tenant_id: UUID) -> int:
    """Give the row to another tenant."""
    return _change(MOVE, type(row), tenant_id, row.tenant_id, row.id)


def point(row: TenantOwned, column: str, target_id: UUID) -> int:
    """Let a reference of the row name another row."""
    part = sql.Identifier(column)
    return _change(POINT, type(row), target_id, row.tenant_id, row.id, column=part)


def read_document(row: TenantOwned) -> str:
    """The row as JSON, for `insert_document`."""
    [(document,)] = _ask(READ_DOCUMENT, type(row), row.id)
    return str(document)


def insert_document(model: type[TenantOwned], document: str, tenant_id: UUID) -> int:
    """A copy of the row, with an id of its own, as that tenant's."""
    return _change(INSERT_DOCUMENT, model, document, str(tenant_id))


def _set(statement: str, *values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _ask(template: sql.SQL, model: type[TenantOwned], *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(template.format(table=_table(model)), values)
        return list(cursor.fetchall())


def _change(
    template: sql.SQL, model: type[TenantOwned], *values: Any, **parts: sql.Composable
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(template.format(table=_table(model), **parts), values)
        return int(cursor.rowcount)


def _table(model: type[TenantOwned]) -> sql.SQL:
    return sql.SQL(quote_table(model))
