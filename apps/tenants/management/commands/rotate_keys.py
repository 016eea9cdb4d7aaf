"""Puts the tenants' keys under the present master key. The data stays as it is.

A run that was ended goes on with the next one. docs/keys.md says what to do before and after.
"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.keys.master import master_keys, previous_path, replace_master_key
from apps.tenants.domain.tenant_keys import check_master_key, rotate_keys

STEP = 100  # tenants between two lines of progress
LONGEST_LIST = 10


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--new-key", action="store_true", help="make a new master key in the data folder first"
        )

    def answer(self, options: dict[str, Any]) -> Result:
        check_master_key()
        if options["new_key"]:
            replace_master_key()
            self.tell(f"There is a new master key. The one before it is {previous_path()}.")
        elif len(master_keys()) == 1:
            self.tell("No previous master key is configured.")
        rotation = rotate_keys(tell=self._tell_progress, by=SYSTEM)
        if rotation.failed:
            names = ", ".join(rotation.failed[:LONGEST_LIST])
            raise CommandError(
                f"{len(rotation.failed)} of {rotation.total} tenant keys open under no master key"
                f" that is configured: {names}"
            )
        return Result(
            f"{rotation.rewrapped} of {rotation.total} tenant keys re-wrapped; all are under the"
            " present master key.",
            {"tenants": rotation.total, "rewrapped": rotation.rewrapped},
        )

    def _tell_progress(self, done: int, total: int) -> None:
        if done % STEP == 0 or done == total:
            self.tell(f"{done} of {total} tenants")
