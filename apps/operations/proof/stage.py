"""Where a proof takes place: two canaries, planted, and what the one must not change."""

from dataclasses import dataclass
from uuid import UUID

from apps.common.actor import Actor
from apps.isolation.models import TenantOwned
from apps.isolation.row_security import list_models, name_table
from apps.isolation.scope import tenant_scope
from apps.operations.domain.canaries import Canary
from apps.operations.proof import statements
from apps.operations.proof.statements import Measure


class ControlFailed(Exception):
    """What an attack was to reach is not there, so that holding it would show nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """A tenant-owned table with a row of each canary."""

    model: type[TenantOwned]
    ours: TenantOwned
    theirs: TenantOwned

    @property
    def table(self) -> str:
        return name_table(self.model)


@dataclass(frozen=True, slots=True)
class Stage:
    """We attack as `ours` and try to reach `theirs`, of which `planted` was measured before."""

    ours: Canary
    theirs: Canary
    planted: Measure
    by: Actor

    @property
    def targets(self) -> list[Target]:
        return [
            Target(model, row, self.theirs.rows[model]) for model, row in self.ours.rows.items()
        ]

    @property
    def their_user_id(self) -> UUID:
        """Of the entity that owns the memory."""
        return self.theirs.memory.key_owner_id


def set_stage(*, ours: Canary, theirs: Canary, by: Actor) -> Stage:
    """Raises ControlFailed where a tenant-owned table got no row: it could not be attacked."""
    missing = [
        name_table(model)
        for model in list_models()
        if model not in ours.rows or model not in theirs.rows
    ]
    if missing:
        raise ControlFailed(f"nothing was planted in {', '.join(missing)}")
    return Stage(ours, theirs, measure(theirs), by)


def measure(canary: Canary) -> Measure:
    """Its rows, as it sees them itself."""
    with tenant_scope(canary.id):
        return statements.measure(canary.rows.values())


def list_changes(before: Measure, after: Measure) -> list[str]:
    """The tables that were not left as they were."""
    return [table for table, found in after.items() if found != before[table]]
