"""Embed all memories anew where another model has made their vectors; goes on where it stopped."""

import time
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.common.errors import NotFound, Unavailable
from apps.memories.domain.renewing import plan_renewals, renew_some
from apps.memories.models import Renewal
from apps.tenants.models import Tenant

LOOKS_EVERY = 0.5  # seconds, while a worker has the next step


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant's")

    def answer(self, options: dict[str, Any]) -> Result:
        tenants = Tenant.objects.listed()
        if slug := options["tenant"]:
            tenants = tenants.filter(slug=slug)
            if not tenants:
                raise NotFound(f"There is no tenant {slug}.")
        slugs = {tenant.id: tenant.slug for tenant in tenants}
        plan_renewals(tenant_ids=slugs, by=SYSTEM)
        rows = [self._finish(row.tenant_id, slugs) for row in Renewal.objects.filter(pk__in=slugs)]
        done, skipped = sum(row.done for row in rows), sum(row.skipped for row in rows)
        text = f"{done} memories are embedded by the current model, {skipped} were skipped."
        return Result(text, {"done": done, "skipped": skipped})

    def _finish(self, tenant_id: UUID, slugs: dict[UUID, str]) -> Renewal:
        """Beside the workers, which may do some of the steps."""
        while True:
            is_taken = renew_some(tenant_id=tenant_id)
            row = Renewal.objects.get(tenant_id=tenant_id)
            if row.ended_at:
                return row
            if row.has_failed:
                raise Unavailable("The embedding model could not be used. Run it again to go on.")
            self.tell(f"{slugs[tenant_id]}: {row.done + row.skipped} of {row.total}")
            if not is_taken:
                time.sleep(LOOKS_EVERY)
