"""VACUUM as the tables' owner, which no serving process is.

PostgreSQL ends a VACUUM that it may not do with a warning, and one that had to leave dead rows with
a remark: both are read here, and are failures.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

from apps.isolation.roles import OWNER

CUTOFF = re.compile(r"removable cutoff: (\d+)")
XID_SPACE = 1 << 32
LOCK_SECONDS = 30
PAUSES = (0.2, 1.0)  # seconds for those that began before the delete to end


class VacuumFailed(Exception):
    """Rows may still be there. The words name no row."""


def read_xid() -> int:
    """The number of the transaction at hand: what it deletes can go once nobody sees before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def read_log_position() -> str:
    """Up to where the write-ahead log may hold what was deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()::text")
        return str(cursor.fetchone()[0])


def vacuum_table(table: str, *, deleted_by: int) -> None:
    """Remove what the transaction `deleted_by` and those before it deleted. Outside transactions.

    VacuumFailed where PostgreSQL skips the table, or where a snapshot that is more than a moment
    old still sees the rows.
    """
    for pause in PAUSES:
        if _vacuum(table, deleted_by):
            return
        time.sleep(pause)
    if not _vacuum(table, deleted_by):
        raise VacuumFailed(f"An open transaction still sees rows that were deleted from {table}.")


def rewrite_table(table: str) -> None:
    """VACUUM FULL: write the table anew without what was deleted. Nobody reads it meanwhile.

    Waits half a minute for those who use it, then gives up with an error of the database.
    """
    with _owner_cursor() as (cursor, notices):
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        try:
            cursor.execute(f"VACUUM (FULL) {_quote(table)}")
        finally:
            cursor.execute("RESET lock_timeout")
    if any("skipping" in notice for notice in notices):
        raise VacuumFailed(f"PostgreSQL skipped {table}: the owner's role may not vacuum it.")


def checkpoint() -> bool:
    """Have PostgreSQL write everything to its files; False where the owner may not ask for it."""
    with _owner_cursor() as (cursor, _):
        cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'MEMBER')")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("CHECKPOINT")
        return True


def _vacuum(table: str, deleted_by: int) -> bool:
    """Whether all that was deleted is gone."""
    with _owner_cursor() as (cursor, notices):
        quoted = _quote(table)
        cursor.execute(f"VACUUM (VERBOSE, INDEX_CLEANUP ON, TRUNCATE OFF) {quoted}")
    if any("skipping" in notice for notice in notices):
        raise VacuumFailed(f"PostgreSQL skipped {table}: the owner's role may not vacuum it.")
    cutoffs = [int(found[1]) for notice in notices for found in CUTOFF.finditer(notice)]
    return bool(cutoffs) and all(_is_after(cutoff, deleted_by) for cutoff in cutoffs)


@contextmanager
def _owner_cursor() -> Iterator[tuple[Any, list[str]]]:
    owner, notices = connections[OWNER], []
    owner.ensure_connection()
    assert owner.connection is not None

    def note(diagnostic: Any) -> None:
        notices.append(diagnostic.message_primary or "")

    owner.connection.add_notice_handler(note)
    try:
        with owner.cursor() as cursor:
            yield cursor, notices
    finally:
        owner.connection.remove_notice_handler(note)
        if not owner.in_atomic_block:
            owner.close()


def _is_after(cutoff: int, xid: int) -> bool:
    """Both run in a circle of 32 bits."""
    return 0 < (cutoff - xid) % XID_SPACE < XID_SPACE // 2


def _quote(table: str) -> str:
    return connections[OWNER].ops.quote_name(table)
