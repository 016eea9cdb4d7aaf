"""Restores the newest backup of a folder. Nothing serves before `manage.py replay_erasures`.

The keys are the newest file there is, so that what was erased since the data's backup stays sealed.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.restoring import SAID, find_newest, restore_backup


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--keys-dir", type=Path, metavar="DIR", help="where the keys lie")
        parser.add_argument("--data", type=Path, metavar="FILE", help="this one, not the newest")
        parser.add_argument("--replace", action="store_true", help="drop what the database holds")

    def answer(self, options: dict[str, Any]) -> Result:
        folder = options["folder"]
        data = options["data"] or find_newest(folder, "data")
        keys = find_newest(options["keys_dir"] or folder, "keys")
        restore_backup(data=data, keys=keys, is_replacing=options["replace"])
        return Result(
            f"Restored {data} with {keys}.\n{SAID}", {"data": str(data), "keys": str(keys)}
        )
