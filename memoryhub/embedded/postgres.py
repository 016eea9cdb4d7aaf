"""The addresses of the embedded PostgreSQL, the same whether or not it runs."""

from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from memoryhub.embedded.layout import Layout

DATABASE = "memoryhub"


class Role(StrEnum):
    """Who connects: the superuser, the role that migrates, the role that serves."""

    SUPERUSER = "memoryhub"
    OWNER = "memoryhub_owner"
    APP = "memoryhub_app"


def dsn(root: Path, role: str, database: str = DATABASE) -> dict[str, str]:
    """Parameters of a connection. `root` is the data folder."""
    return {"host": str(Layout(root).sockets), "dbname": database, "user": str(role)}


def url(root: Path, role: str, database: str = DATABASE) -> str:
    """The same as an address that psql takes."""
    return f"postgresql://{role}@/{database}?host={quote(str(Layout(root).sockets))}"
