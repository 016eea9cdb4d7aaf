"""Brings in the memories of a mem0, open-source or hosted: see docs/import.md."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.memories.domain.mem0 import Counts, import_mem0
from apps.memories.mem0.hosted import Hosted
from apps.memories.mem0.open_source import History, PgVector, QdrantFolder
from apps.memories.mem0.rows import Source
from apps.telemetry.outbound import calling_for, ledger
from apps.tenants.queries import get_tenant

HOSTED = "https://api.mem0.ai"


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        sources = parser.add_mutually_exclusive_group(required=True)
        sources.add_argument("--pgvector", metavar="URL", help="a PostgreSQL that mem0 writes to")
        sources.add_argument(
            "--qdrant", type=Path, metavar="FOLDER", help="a folder of Qdrant without a server"
        )
        sources.add_argument(
            "--hosted", nargs="?", const=HOSTED, metavar="URL", help=f"by default {HOSTED}"
        )
        parser.add_argument("--collection", default="mem0", help="by default mem0")
        parser.add_argument("--history", type=Path, metavar="FILE", help="mem0's history.db")
        parser.add_argument(
            "--key-file", metavar="FILE", help="holds the key of --hosted; - is stdin"
        )
        parser.add_argument("--dry-run", action="store_true", help="read everything, store nothing")

    def answer(self, options: dict[str, Any]) -> Result:
        tenant, is_dry = get_tenant(options["tenant"]), options["dry_run"]
        with open_source(options) as source, calling_for(tenant.id):
            try:
                counts = import_mem0(
                    tenant_id=tenant.id, source=source, is_dry=is_dry, tell=self.tell, by=SYSTEM
                )
            finally:
                ledger.settle()
        return Result(
            describe(counts, is_dry=is_dry), asdict(counts), "; ".join(counts.list_differences())
        )


@contextmanager
def open_source(options: dict[str, Any]) -> Iterator[Source]:
    if options["hosted"]:
        yield Hosted(options["hosted"], read_key(options["key_file"]))
        return
    history = History(options["history"])
    if options["pgvector"]:
        yield PgVector(options["pgvector"], options["collection"], history)
        return
    folder = QdrantFolder(options["qdrant"], options["collection"], history)
    try:
        yield folder
    finally:
        folder.close()


def read_key(name: str | None) -> str:
    if name is None:
        raise CommandError("--hosted needs --key-file.")
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text()
    except OSError as error:
        raise CommandError(f"{name} can't be read: {error.strerror}.") from None
    if not text.strip():
        raise CommandError(f"{name} holds no key.")
    return text.strip()


def describe(counts: Counts, *, is_dry: bool) -> str:
    stored = "would be stored" if is_dry else "stored"
    text = (
        f"{counts.read} memories read: {counts.stored} {stored}, {counts.present} here already,"
        f" {counts.repeated} repeated, {counts.refused.total()} refused."
    )
    reasons = (f"{count} refused: {reason}" for reason, count in counts.refused.most_common())
    return "\n".join((text, *reasons))
