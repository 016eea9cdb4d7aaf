"""Writes a tenant's audit trail as JSON Lines, to be checked by `tools/verify.py audit`.

Everything committed is sealed first. Personal details are not in it, only their digests.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.audit_trails import find_trails
from apps.operations.domain.exports import write_export


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")

    def answer(self, options: dict[str, Any]) -> Result:
        [tenant], path = find_trails(options["tenant"]), options["out"]
        try:
            export = write_export(tenant_id=tenant.id, path=path, by=SYSTEM)
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror}.") from None
        return Result(
            f"{export.events} events and {export.checkpoints} checkpoints: {path}",
            {"events": export.events, "checkpoints": export.checkpoints, "file": str(path)},
        )
