"""Looking for what was planted: in opened rows, all tables and columns, the data folder."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from apps.isolation.roles import OWNER
from apps.isolation.row_security import list_models
from apps.isolation.scope import tenant_scope
from apps.keys.fields import SealedField
from apps.keys.ring import KeyDestroyed
from apps.operations.proof.forms import holds, list_forms, list_texts
from apps.operations.proof.sentinels import Planted

NOT_CHECKED = "NOT CHECKED"
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
     WHERE schemaname IN ('public', 'keys') ORDER BY 1
"""
FOLDERS = {"database": "postgres/data", "log of the database": "postgres/data/pg_wal"}
FOLDERS |= {"broker": "valkey", "logs": "logs", "copies": "exports", "journal": "journal"}


def open_rows(planted: Planted) -> list[str]:
    """The models of whose sealed columns one, opened, holds the word."""
    with tenant_scope(planted.tenant_id):
        return sorted(
            model._meta.label
            for model in list_models()
            if any(planted.word in text for row in model.objects.all() for text in _opened(row))
        )


def search_tables(*needles: str) -> list[str]:
    """The tables, of every tenant and of none, in one of whose rows a needle stands."""
    patterns = [f"%{needle}%" for needle in needles]
    with connections[OWNER].cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {table} AS row WHERE row::text LIKE ANY(%s))",  # noqa: S608
                [patterns],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def search_files(planted: Planted, *, has_control: bool) -> dict[str, list[str] | str]:
    """By place the files that hold the word, the vector or the control; or NOT CHECKED.

    An outside server's files are nobody's to read here.
    """
    needles = [*list_forms(planted.word), planted.vector]
    if has_control:
        needles += list_forms(planted.control)
    found: dict[str, list[str] | str] = {}
    for place, folder in FOLDERS.items():
        root = Path(settings.DATA_DIR) / folder
        if place == "copies":
            root = Path(settings.EXPORTS_DIR)
        is_ours = {
            "database": settings.IS_DATABASE_EMBEDDED,
            "log of the database": settings.IS_DATABASE_EMBEDDED,
            "broker": settings.IS_BROKER_EMBEDDED,
        }.get(place, True)
        if not is_ours or not root.is_dir():
            found[place] = NOT_CHECKED
        else:
            found[place] = [path.name for path in _list_files(root, place) if holds(path, needles)]
    return found


def list_words(planted: Planted) -> list[str]:
    return [*list_texts(planted.word), planted.vector_text]


def write_files() -> None:
    """Have PostgreSQL write to its files what it has in memory, where it is ours."""
    if settings.IS_DATABASE_EMBEDDED:
        with psycopg.connect(settings.DATABASE_ADDRESSES[1], autocommit=True) as administrator:
            administrator.execute("CHECKPOINT")


def _list_files(root: Path, place: str) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        is_log = "pg_wal" in path.parts
        if path.is_file() and not path.is_symlink() and (place != "database" or not is_log):
            yield path


def _opened(row: Any) -> Iterator[str]:
    for field in row._meta.local_fields:
        if isinstance(field, SealedField):
            with suppress(KeyDestroyed):  # details that a killed proof has left in the trail
                yield str(getattr(row, field.attname))
