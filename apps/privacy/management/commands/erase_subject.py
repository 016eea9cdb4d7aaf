"""Erases everything about one user, agent, app or run, and writes the signed certificate to a file.

`tools/verify.py certificate FILE --public-key KEYS` checks it.
"""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import CommandParser

from apps.common.commands import Result
from apps.isolation.scope import tenant_scope
from apps.memories.domain.journal_file import copy_journal
from apps.privacy.domain.certificates import get_certificate
from apps.privacy.enums import RequestKind
from apps.privacy.management.subject_command import SubjectCommand, write_file


class Command(SubjectCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--certificate", required=True, type=Path, metavar="FILE")

    def answer(self, options: dict[str, Any]) -> Result:
        request = self.run_to_end(options, RequestKind.ERASURE)
        copy_journal()
        with tenant_scope(request.tenant_id):
            document = get_certificate(request.id).document
        path = options["certificate"]
        write_file(path, [orjson.dumps(document, option=orjson.OPT_INDENT_2)])
        rows = sum(table["shredded"] + table["deleted_only"] for table in document["tables"])
        return Result(
            f"{rows} rows destroyed. Certificate: {path}",
            {"request": str(request.id), "rows": rows, "certificate": str(path)},
        )
