"""Wall 3: every statement of the suite is read on its way to PostgreSQL.

Installed under psycopg, so that the ORM, cursors and prepared statements pass alike, on every
connection and in every thread. A statement on a tenant's table that is not tied to the open
scope's tenant sounds an alarm.
"""

from contextlib import contextmanager
from functools import wraps

import psycopg
from django.db import connection

from apps.isolation.scope import current_tenant_id, has_scope
from tests.support import statements
from tests.support.alarms import sound

OFF = {
    "migrations": "the owner makes the tables, for no tenant",
    "committed rows": "what a test committed is removed, or held, by the owner",
    "bare rows": "rows are read as the database holds them, to see what must not be there",
    "attacks": "another wall is attacked with statements that this one would not let through",
}
METHODS = ("execute", "executemany", "copy", "stream")

_off = []
_observers = []  # called with each statement


@contextmanager
def off(name):
    """Statements inside are not read. The name stands in OFF, with its reason."""
    assert name in OFF, name
    _off.append(name)
    try:
        yield
    finally:
        _off.remove(name)


@contextmanager
def on():
    """Inside `off`: here they are read all the same."""
    names = _off.copy()
    _off.clear()
    try:
        yield
    finally:
        _off.extend(names)


@contextmanager
def bare_cursor(name):
    """A cursor whose statements are not read."""
    with off(name), connection.cursor() as cursor:
        yield cursor


def install():
    for cursor in (psycopg.Cursor, psycopg.ServerCursor):
        for name in METHODS:
            if name in vars(cursor):
                setattr(cursor, name, _watched(vars(cursor)[name]))


def observe(see):
    """`see(sql)` is called before each statement."""
    _observers.append(see)


def _watched(method):
    @wraps(method)
    def call(cursor, query, params=None, *args, **kwargs):
        sql = _text(query, cursor)
        for see in _observers:
            see(sql)
        if method.__name__ == "executemany":
            params = list(params)
        if not _off:
            _check(sql, params if method.__name__ == "executemany" else [params])
        return method(cursor, query, params, *args, **kwargs)

    return call


def _text(query, cursor):
    if isinstance(query, str):
        return query
    return query.decode() if isinstance(query, bytes) else query.as_string(cursor)


def _check(sql, each):
    reading = statements.read(sql, has_parameters=None not in each)
    if not reading.tables and not reading.faults:
        return
    if reading.faults:
        sound(f"{'; '.join(reading.faults)}: {sql}")
    if not has_scope():
        sound(f"No tenant scope is open: {sql}")
    tenant = str(current_tenant_id())
    for params in each:
        for value in reading.values:
            if not _is_only(tenant, reading.find(value, params)):
                sound(f"The statement names another tenant than the scope's: {sql}")


def _is_only(tenant, given):
    values = given if isinstance(given, list | tuple) else [given]
    return {str(value) for value in values} == {tenant}
