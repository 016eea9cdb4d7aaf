"""Backups: the data in one file, the keys in another, which is kept for a few days only.

Without the keys the data can't be read. So an erasure, which destroys a key, reaches into every
backup of the data as soon as the backups of the keys that are older than it are gone.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid
from apps.isolation.roles import OWNER
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.domain.journal_file import copy_journal
from apps.operations.domain.restoring import is_pending
from apps.operations.postgres import run_program

STAMP = "%Y%m%dT%H%M%SZ"
KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Backup:
    data: Path
    keys: Path
    removed: int
    """How many older files of keys were removed."""


def make_backup(*, folder: Path, keys_folder: Path, by: Actor) -> Backup:
    """Write both files, of one moment, and remove files of keys past KEY_BACKUP_DAYS.

    Refuses a database that was restored and not yet replayed. Call outside any scope.
    """
    if is_pending():
        raise Conflict("The database was restored: run manage.py replay_erasures first.")
    copy_journal()
    now = timezone.now()
    data, keys = _paths(folder, keys_folder, now)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.BACKUP_MAKE, by=by)
    with transaction.atomic(OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        _dump(data, snapshot, f"--exclude-schema={KEYS}")
        _dump(keys, snapshot, f"--schema={KEYS}")
    return Backup(data, keys, remove_old_keys(folder=keys_folder, now=now))


def remove_old_keys(*, folder: Path, now: datetime) -> int:
    """Files of keys that were written more than KEY_BACKUP_DAYS ago; answers how many."""
    oldest = now - timedelta(days=settings.KEY_BACKUP_DAYS)
    old = [path for path in folder.glob(f"{KEYS}-*.dump") if read_stamp(path) < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def read_stamp(path: Path) -> datetime:
    """When the backup was made, by its name. Invalid for a name that is none of ours."""
    try:
        return datetime.strptime(path.stem.partition("-")[2], STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(f"{path.name} is not named like a backup.") from None


def _paths(folder: Path, keys_folder: Path, now: datetime) -> tuple[Path, Path]:
    for each in (folder, keys_folder):
        try:
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Invalid(f"{each} can't be made: {error.strerror}.") from None
    stamp = now.astimezone(UTC).strftime(STAMP)
    return folder / f"data-{stamp}.dump", keys_folder / f"{KEYS}-{stamp}.dump"


def _dump(path: Path, snapshot: str, part: str) -> None:
    """Whole or not at all, readable by its owner only."""
    draft = path.with_suffix(".draft")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        options = ["--format=custom", "--no-owner", "--enable-row-security"]
        run_program("pg_dump", [*options, f"--snapshot={snapshot}", part, f"--file={draft}"])
        draft.replace(path)
    except OSError as error:
        raise Invalid(f"{path} can't be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
