"""Makes a tenant and prints its slug."""

from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.tenants.domain.tenants import create_tenant


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="what operators see")
        parser.add_argument("--slug", default="", help="what scripts name it by; made of the name")

    def answer(self, options: dict[str, Any]) -> Result:
        tenant = create_tenant(name=options["name"], slug=options["slug"], by=SYSTEM)
        document = {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name}
        return Result(tenant.slug, document)
