"""Brings a portability copy into a tenant: memories with their ids, versions and times."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.privacy.domain.importing import import_copy
from apps.tenants.queries import get_tenant


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--tenant", required=True, metavar="SLUG")

    def answer(self, options: dict[str, Any]) -> Result:
        tenant, path = get_tenant(options["tenant"]), options["file"]
        try:
            with path.open("rb") as file:
                count = import_copy(tenant_id=tenant.id, file=file, by=SYSTEM)
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from None
        return Result(f"{count} memories imported.", {"memories": count})
