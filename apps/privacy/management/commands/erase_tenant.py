"""Erases a whole tenant and destroys its key. There is no way back.

Its API keys stop at once. What was cut short is gone on with by the same command, or by a worker.
`tools/verify.py certificate FILE --public-key KEYS` checks the certificate.
"""

from functools import partial
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import CommandError, CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.common.errors import NotFound
from apps.memories.domain.journal_file import copy_journal
from apps.privacy.domain.orders import erase_tenant_now
from apps.privacy.domain.tenant_copies import make_tenant_copy
from apps.privacy.domain.tenant_erasure import (
    find_erased_tenant,
    order_tenant_erasure,
    read_certificate,
)
from apps.privacy.files import FRAME_BYTES
from apps.privacy.management.subject_command import write_file
from apps.tenants.models import Tenant
from apps.tenants.queries import get_tenant


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--confirm", required=True, metavar="SLUG", help="the slug once more")
        parser.add_argument("--export", type=Path, metavar="FILE", help="a copy, written first")
        parser.add_argument("--certificate", type=Path, metavar="FILE")

    def answer(self, options: dict[str, Any]) -> Result:
        slug = options["slug"]
        if options["confirm"] != slug:
            raise CommandError(f"--confirm must repeat the slug: {slug}.")
        tenant = self._close(slug, options["export"])
        erased = erase_tenant_now(tenant_id=tenant.id, by=SYSTEM)
        copy_journal()
        document = read_certificate(erased)
        rows = sum(table["shredded"] + table["deleted_only"] for table in document["tables"])
        path = options["certificate"]
        if path:
            write_file(path, [orjson.dumps(document, option=orjson.OPT_INDENT_2)])
        said = f" Certificate: {path}" if path else ""
        return Result(
            f"Tenant {slug} is erased: {rows} rows destroyed.{said}",
            {"tenant": str(tenant.id), "rows": rows, "certificate": document},
        )

    def _close(self, slug: str, export: Path | None) -> Tenant:
        """The tenant, or the one whose erasure was cut short or has ended."""
        try:
            tenant = get_tenant(slug)
        except NotFound:
            return find_erased_tenant(slug)
        if export:
            copy, size = make_tenant_copy(tenant=tenant, by=SYSTEM)
            write_file(export, iter(partial(copy.read, FRAME_BYTES), b""))
            self.tell(f"{size} bytes: {export}")
        order_tenant_erasure(tenant=tenant, by=SYSTEM)
        return tenant
