"""Erases in a restored database what was erased since the backup; then it may serve again.

By the journal of erasures, a file outside the database that holds keyed hashes only.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.replaying import replay_erasures


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--journal", type=Path, metavar="FILE", help="default: ERASURE_JOURNAL")

    def answer(self, options: dict[str, Any]) -> Result:
        done = replay_erasures(journal=options["journal"], by=SYSTEM)
        return Result(
            f"Erased again: {done.entities} entities, {done.memories} memories, {done.jobs} jobs,"
            f" {done.messages} messages, {done.tenants} tenants.",
            asdict(done),
        )
