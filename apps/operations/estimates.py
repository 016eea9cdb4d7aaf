"""What PostgreSQL knows of itself. No row of a tenant is read or counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Model

ROWS = """
    SELECT CASE WHEN used.n_live_tup > 0 THEN used.n_live_tup ELSE greatest(kept.reltuples, 0) END
      FROM unnest(%s::text[]) WITH ORDINALITY AS named (name, place)
      JOIN pg_class AS kept ON kept.oid = named.name::regclass
      JOIN pg_stat_all_tables AS used ON used.relid = kept.oid
     ORDER BY named.place
"""


SIZE = "SELECT pg_database_size(current_database()), current_setting('server_version')"
BROKEN = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
HAS_STATEMENTS = "SELECT to_regclass('pg_stat_statements') IS NOT NULL"
SLOWEST = """
    SELECT query, calls, mean_exec_time
      FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND calls >= 10 AND query ~* '^\\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\\M'
     ORDER BY mean_exec_time DESC
     LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """As PostgreSQL keeps it: with $1 in place of each value, which is so of these kinds only."""

    text: str
    calls: int
    ms: float


@dataclass(frozen=True, slots=True)
class Database:
    """`slowest` is None where the server does not keep them: see pg_stat_statements."""

    version: str
    bytes: int
    broken_indexes: tuple[str, ...]
    slowest: tuple[Statement, ...] | None


@dataclass(frozen=True, slots=True)
class Server:
    """PostgreSQL's version, and about how many rows each of the asked tables has."""

    version: str
    rows: tuple[int, ...]


def estimate(models: Sequence[type[Model]]) -> Server:
    """Two statements, quick however large the tables are."""
    tables = [connection.ops.quote_name(model._meta.db_table) for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
        cursor.execute(ROWS, [tables])
        return Server(version, tuple(int(count) for (count,) in cursor.fetchall()))


def describe_database() -> Database:
    """Three or four statements of PostgreSQL's catalogue, quick however large the tables are."""
    with connection.cursor() as cursor:
        cursor.execute(SIZE)
        size, version = cursor.fetchone()
        cursor.execute(BROKEN)
        broken = tuple(name for (name,) in cursor.fetchall())
        cursor.execute(HAS_STATEMENTS)
        (has_statements,) = cursor.fetchone()
        if not has_statements:
            return Database(version, size, broken, None)
        cursor.execute(SLOWEST)
        return Database(version, size, broken, tuple(Statement(*row) for row in cursor.fetchall()))
