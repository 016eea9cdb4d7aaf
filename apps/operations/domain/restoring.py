"""Restoring a backup. Nothing is served from it before the erasures since then were replayed.

That they are still to come is said by a table which the restore makes first of all: so it stands
even where the restore was cut short.
"""

from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error, connection, connections

from apps.common.errors import Conflict, Invalid
from apps.isolation.roles import OWNER, prepare_roles
from apps.memories.domain.journal_file import copy_journal
from apps.operations.postgres import run_program

MARK = "restored_not_replayed"
LEFT_OUT = (" SCHEMA - keys", " EXTENSION ", " COMMENT - EXTENSION ", " SCHEMA - public")
SAID = "The database was restored from a backup: run manage.py replay_erasures before it serves."

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND backend_type = 'client backend'
"""
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)"
ROUTINES = """
    SELECT format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(pg_proc.oid))
      FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
     WHERE nspname IN ('public', 'keys') AND NOT EXISTS (
               SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def is_pending() -> bool:
    """Whether the database was restored, and what was erased since has not been erased again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{MARK}"])
        return bool(cursor.fetchone()[0])


def check_restored() -> None:
    """ImproperlyConfigured while a restored database waits for `replay_erasures`."""
    if is_pending():
        raise ImproperlyConfigured(SAID)


def restore_backup(*, data: Path, keys: Path, is_replacing: bool) -> None:
    """Bring both files into the database, and it up to the present migrations.

    Refuses while somebody else is connected, and a database that holds something, unless it
    `is_replacing`: then what is there is dropped. Call outside any scope.
    """
    for path in (data, keys):
        if not path.is_file():
            raise Invalid(f"There is no file {path}.")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    _refuse_company()
    _save_journal()
    _empty(is_replacing=is_replacing)
    prepare_roles(connections[OWNER])
    connections[OWNER].close()
    for path in (keys, data):
        _bring(path)
    call_command("migrate", interactive=False, verbosity=0)


def end_waiting() -> None:
    """The erasures were replayed: it may serve."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS public.{MARK}")


def find_newest(folder: Path, kind: str) -> Path:
    """The newest file of `data` or `keys`, by its name. Invalid where there is none."""
    found = sorted(folder.glob(f"{kind}-*.dump"))
    if not found:
        raise Invalid(f"There is no {kind}-*.dump in {folder}.")
    return found[-1]


def _refuse_company() -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(OTHERS)
        [count] = cursor.fetchone()
    if count:
        raise Conflict(
            f"{count} others are connected to the database: stop MemoryHub, web servers and"
            " workers, before you restore."
        )


def _save_journal() -> None:
    """What was erased a moment ago may not have been copied yet, and would be dropped."""
    try:
        copy_journal()
    except Error:  # there is no such table, or no database that answers
        return
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def _empty(*, is_replacing: bool) -> None:
    with connections[OWNER].cursor() as cursor:
        quote = connections[OWNER].ops.quote_name
        cursor.execute(TABLES, [["public", "keys"]])
        tables = [f"{quote(schema)}.{quote(name)}" for schema, name in cursor.fetchall()]
        if tables and not is_replacing:
            raise Conflict("The database is not empty: restore with --replace to drop what it has.")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS public.{MARK} ()")
        kept = f"{quote('public')}.{quote(MARK)}"
        if dropped := [table for table in tables if table != kept]:
            cursor.execute(f"DROP TABLE {', '.join(dropped)} CASCADE")
        cursor.execute(ROUTINES)
        for (routine,) in cursor.fetchall():
            cursor.execute(f"DROP ROUTINE IF EXISTS {routine} CASCADE")


def _bring(path: Path) -> None:
    """Without what is there already, or is the administrator's: schemas and extensions."""
    listed = run_program("pg_restore", ["--list", path]).splitlines()
    with NamedTemporaryFile("w", suffix=".list") as wanted:
        wanted.writelines(f"{line}\n" for line in _choose(listed))
        wanted.flush()
        run_program(
            "pg_restore",
            [
                "--no-owner",
                "--exit-on-error",
                "--single-transaction",
                f"--use-list={wanted.name}",
                f"--dbname={connections[OWNER].settings_dict['NAME']}",
                path,
            ],
        )


def _choose(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if not any(each in line for each in LEFT_OUT)]
