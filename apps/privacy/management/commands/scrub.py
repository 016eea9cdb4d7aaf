"""Writes the tables that erasures touched anew, so that freed space holds no deleted bytes."""

from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.privacy.domain.scrubbing import scrub
from apps.privacy.vacuum import VacuumFailed


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--force", action="store_true", help="even if no erasure waits for it")

    def answer(self, options: dict[str, Any]) -> Result:
        try:
            done = scrub(is_forced=options["force"], by=SYSTEM)
        except VacuumFailed as error:
            return Result(document={"tables": 0, "certificates": 0}, failure=str(error))
        document = {"tables": done.tables, "certificates": done.certificates}
        return Result(
            f"{done.tables} tables rewritten, {done.certificates} certificates renewed.", document
        )
