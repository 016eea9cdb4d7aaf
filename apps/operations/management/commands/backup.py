"""Writes a backup into a folder: the data in one file, the keys in another.

Files of keys older than KEY_BACKUP_DAYS are removed. docs/backup.md says what to do with both.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.backups import make_backup


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--keys-dir", type=Path, metavar="DIR", help="another one for the keys")

    def answer(self, options: dict[str, Any]) -> Result:
        folder = options["folder"]
        made = make_backup(folder=folder, keys_folder=options["keys_dir"] or folder, by=SYSTEM)
        return Result(
            f"Data: {made.data}\nKeys: {made.keys}\n{made.removed} old files of keys removed.",
            {"data": str(made.data), "keys": str(made.keys), "removed": made.removed},
        )
