"""mem0's open-source library: memories in pgvector or in a folder of Qdrant, history in SQLite."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from apps.memories.enums import EntityKind
from apps.memories.mem0.rows import Change, Row, Unreadable

BATCH = 100
_PAGE = sql.SQL("SELECT id::text, payload FROM {} {} ORDER BY id LIMIT %(limit)s")
OWN = frozenset(
    {
        *("data", "hash", "id", "text_lemmatized", "attributed_to", "role", "actor_id"),
        *("created_at", "updated_at", "expiration_date"),
        *("user_id", "agent_id", "run_id"),
    }
)
"""Keys of a payload that mem0 sets itself; all others are the application's metadata."""


class History:
    """The file that holds what memories were before; read only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            self._ask("SELECT 1 FROM history LIMIT 1", ())

    def read_changes(self, ids: Sequence[str]) -> Mapping[str, Sequence[Change]]:
        if self._path is None or not ids:
            return {}
        marks = ", ".join("?" * len(ids))
        found: dict[str, list[Change]] = {}
        for memory_id, event, text, at in self._ask(
            "SELECT memory_id, event, new_memory, coalesce(updated_at, created_at) FROM history"  # noqa: S608
            f" WHERE memory_id IN ({marks}) ORDER BY rowid",
            ids,
        ):
            found.setdefault(memory_id, []).append(Change(event, text, at))
        return found

    def _ask(self, statement: str, params: Sequence[str]) -> list[Any]:
        try:
            with closing(sqlite3.connect(f"{self._uri}?mode=ro", uri=True)) as store:
                return store.execute(statement, params).fetchall()
        except sqlite3.Error as error:
            raise Unreadable(f"{self._path} is no history of mem0: {error}.") from None

    @property
    def _uri(self) -> str:
        return self._path.absolute().as_uri() if self._path else ""


class PgVector:
    """A table of mem0's in a PostgreSQL of somebody else."""

    def __init__(self, url: str, table: str, history: History) -> None:
        self._url = url
        self._table = sql.Identifier(table)
        self.read_changes = history.read_changes

    def count(self) -> int:
        [(count,)] = self._ask(sql.SQL("SELECT count(*) FROM {}").format(self._table))
        return int(count)

    def read(self) -> Iterator[Sequence[Row]]:
        rest, after = sql.SQL(""), None
        while rows := self._ask(_PAGE.format(self._table, rest), {"after": after, "limit": BATCH}):
            yield [make_row(*row) for row in rows]
            rest, after = sql.SQL("WHERE id > %(after)s"), rows[-1][0]

    def _ask(self, statement: sql.Composed, params: Mapping[str, Any] | None = None) -> list[Any]:
        """A transaction for each batch: none stays open while texts are embedded."""
        try:
            with psycopg.connect(self._url) as store:
                store.read_only = True
                return store.execute(statement, params).fetchall()
        except psycopg.Error as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise Unreadable(f"mem0's database can't be read: {reason}") from None


class QdrantFolder:
    """A folder that the Qdrant client keeps without a server, read by that same client.

    It unpickles what lies there: only folders of one's own are to be read.
    """

    def __init__(self, folder: Path, collection: str, history: History) -> None:
        self._client = _open_folder(folder)
        self._collection = collection
        self.read_changes = history.read_changes
        if not self._client.collection_exists(collection):
            raise Unreadable(f"{folder} holds no collection {collection}.")

    def count(self) -> int:
        return int(self._client.count(self._collection, exact=True).count)

    def read(self) -> Iterator[Sequence[Row]]:
        after = None
        while True:
            points, after = self._client.scroll(
                self._collection, limit=BATCH, offset=after, with_payload=True, with_vectors=False
            )
            if points:
                yield [make_row(str(point.id), point.payload) for point in points]
            if after is None:
                return

    def close(self) -> None:
        self._client.close()


def _open_folder(folder: Path) -> Any:
    try:
        from qdrant_client import QdrantClient  # optional
    except ImportError:
        raise Unreadable(
            "A folder of Qdrant is read by its client: pip install qdrant-client"
        ) from None
    if not (folder / "meta.json").is_file():
        raise Unreadable(f"{folder} is no folder of Qdrant's client.")
    try:
        return QdrantClient(path=str(folder))
    except (RuntimeError, OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise Unreadable(f"{folder} can't be opened: {reason}") from None


def make_row(point_id: str, payload: Any) -> Row:
    values = payload if isinstance(payload, dict) else {}
    metadata = {name: value for name, value in values.items() if name not in OWN}
    return Row(
        id=point_id,
        text=values.get("data"),
        names={
            kind: values.get(f"{kind.value}_id") for kind in EntityKind if kind != EntityKind.APP
        },
        created_at=values.get("created_at"),
        updated_at=values.get("updated_at"),
        metadata=metadata,
        speaker=values.get("actor_id"),
        role=values.get("role") or values.get("attributed_to"),
        expires_on=values.get("expiration_date"),
    )
