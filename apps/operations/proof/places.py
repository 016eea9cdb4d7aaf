"""Looking for what was planted: in opened rows, all tables and columns, the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from apps.privacy.domain import copies, list_exports
from apps.privacy.subjects import list_tables

NOT_CHECKED = "NOT CHECKED"
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
     WHERE schemaname IN ('public', 'keys') ORDER BY 1
"""
COLUMNS = """
    SELECT format('%%I', attname) FROM pg_attribute
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
DATABASE, LOG = "database", "log of the database"
FOLDERS = {DATABASE: "postgres/data", LOG: "postgres/data/pg_wal"}
FOLDERS |= {"broker": "valkey", "logs": "logs", "copies": "exports", "journal": "journal"}
SEALED_FILES = {copies.ARCHIVE, list_exports.DOCUMENT}
WITHOUT_WORDS = {"privacy.SubjectCopy.file_key"}  # a key


def open_rows(planted: Planted) -> list[str]:
    """The sealed columns in one of which, opened, the word stands."""
    with tenant_scope(planted.tenant_id):
        return sorted(
            {
                column
                for model in list_models()
                for row in model.objects.all()
                for column, text in _opened(row)
                if planted.word in text
            }
        )


def list_sealed() -> set[str]:
    """Every sealed column of a table about people: what the word must have been seen in before."""
    return {
        _name(table.classes.model, field)
        for table in list_tables()
        for field in table.classes.model._meta.local_fields
        if isinstance(field, SealedField)
    } - WITHOUT_WORDS


def list_sealed_files(planted: Planted) -> list[str]:
    """Copies and exports that hold the word, where nobody can see it without their keys."""
    folder = Path(settings.EXPORTS_DIR) / str(planted.tenant_id)
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def search_tables(*needles: str) -> list[str]:
    """The columns, of every tenant and of none, in one of whose rows a needle stands."""
    patterns = [f"%{needle}%" for needle in needles]
    with connections[OWNER].cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        return [name for table in tables for name in _search_table(cursor, table, patterns)]


def search_files(planted: Planted, *, has_control: bool) -> dict[str, list[str] | str]:
    """By place the files that hold the word, the vector or the control; or NOT CHECKED.

    An outside server's files are nobody's to read here. In each other folder the control stands in
    a file of its own for the while, to show that the scan sees that folder.
    """
    needles = [*list_forms(planted.word), planted.vector]
    if has_control:
        needles += list_forms(planted.control)
    found: dict[str, list[str] | str] = {}
    for place, root in list_folders().items():
        if root is None or not root.is_dir():
            found[place] = NOT_CHECKED
            continue
        with _control_file(root, place, planted.control if has_control else ""):
            found[place] = [path.name for path in _list_files(root, place) if holds(path, needles)]
    return found


def list_folders() -> dict[str, Path | None]:
    """None for what is not ours."""
    folders: dict[str, Path | None] = {
        place: Path(settings.DATA_DIR) / folder for place, folder in FOLDERS.items()
    }
    folders["copies"] = Path(settings.EXPORTS_DIR)
    folders["journal"] = Path(settings.ERASURE_JOURNAL).parent
    for place in ("copies", "journal"):
        folder = folders[place]
        assert folder is not None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.IS_DATABASE_EMBEDDED:
        folders |= {DATABASE: None, LOG: None}
    if not settings.IS_BROKER_EMBEDDED:
        folders["broker"] = None
    return folders


@contextmanager
def _control_file(root: Path, place: str, control: str) -> Iterator[None]:
    """PostgreSQL's own folder has a control in a row."""
    path = root / ".proof-of-erasure"
    if not control or place in {DATABASE, LOG}:
        yield
        return
    path.write_text(control)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _search_table(cursor: Any, table: str, patterns: list[str]) -> list[str]:
    """Row by row first: the columns are asked only where something was found."""
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM {table} AS row WHERE row::text LIKE ANY(%s))",  # noqa: S608
        [patterns],
    )
    if not cursor.fetchone()[0]:
        return []
    cursor.execute(COLUMNS, [table])
    columns = [name for (name,) in cursor.fetchall()]
    asked = ", ".join(f"bool_or({name}::text LIKE ANY(%s))" for name in columns)
    cursor.execute(f"SELECT {asked} FROM {table}", [patterns] * len(columns))  # noqa: S608
    answers = zip(columns, cursor.fetchone(), strict=True)
    return [f"{table}.{name}" for name, is_in in answers if is_in] or [table]


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
        if path.is_file() and not path.is_symlink() and (place != DATABASE or not is_log):
            yield path


def _opened(row: Any) -> Iterator[tuple[str, str]]:
    for field in row._meta.local_fields:
        if isinstance(field, SealedField):
            with suppress(KeyDestroyed):  # details that a killed proof has left in the trail
                yield _name(type(row), field), str(getattr(row, field.attname))


def _name(model: Any, field: Any) -> str:
    return f"{model._meta.label}.{field.name}"
