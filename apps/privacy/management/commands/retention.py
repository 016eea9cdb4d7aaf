"""Removes what a tenant keeps no longer: expired memories, and entities past the tenant's terms.

With --dry-run it only counts. The same runs once a day by itself; the dashboard sets the terms.
"""

from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.retention import find_expired, read_terms, run_retention
from apps.tenants.queries import get_tenant


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")

    def answer(self, options: dict[str, Any]) -> Result:
        tenant = get_tenant(options["tenant"])
        if not options["dry_run"]:
            memories, entities = run_retention(tenant_id=tenant.id, by=SYSTEM)
            return Result(
                f"{memories} expired memories destroyed, the erasure of {entities} entities"
                " ordered: a worker runs them.",
                {"memories": memories, "entities": entities},
            )
        with tenant_scope(tenant.id):
            found = find_expired(read_terms())
        kinds = {kind.value: count for kind, count in found.entities.items()}
        said = "".join(f", {count} of kind {kind}" for kind, count in kinds.items())
        return Result(
            f"Past their date or term: {found.memories} memories{said}. Kept by a hold or a"
            f" restriction: {found.kept}.",
            {"memories": found.memories, "entities": kinds, "kept": found.kept},
        )
