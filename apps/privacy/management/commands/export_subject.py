"""Writes a copy of everything about one user, agent, app or run: one ZIP file.

Profile `access` is for the person to read, `portability` for another MemoryHub or program.
"""

from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result
from apps.privacy.domain.copies import open_copy
from apps.privacy.enums import Profile, RequestKind
from apps.privacy.files import FRAME_BYTES
from apps.privacy.management.subject_command import SubjectCommand, write_file


class Command(SubjectCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument("--profile", choices=Profile.values, default=Profile.ACCESS.value)

    def answer(self, options: dict[str, Any]) -> Result:
        request = self.run_to_end(options, RequestKind(options["profile"]))
        copy, size = open_copy(tenant_id=request.tenant_id, request_id=request.id, by=SYSTEM)
        path = options["out"]
        write_file(path, iter(partial(copy.read, FRAME_BYTES), b""))
        return Result(
            f"{size} bytes: {path}",
            {"request": str(request.id), "bytes": size, "file": str(path)},
        )
