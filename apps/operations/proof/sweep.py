"""All attacks of one canary on the other, in their order."""

from collections.abc import Callable

from apps.common.actor import Actor
from apps.operations.domain.canaries import plant_canary
from apps.operations.proof import api_calls, domain_calls, policies, row_filters
from apps.operations.proof.attacks import run_attack
from apps.operations.proof.report import Finding, Wall
from apps.operations.proof.stage import Stage, list_changes, measure, set_stage
from apps.tenants.models import Tenant

ATTACKS = (*row_filters.ATTACKS, *policies.ATTACKS, *domain_calls.ATTACKS, *api_calls.ATTACKS)
PLANT, LOOK = "plant our rows and theirs", "find their rows as they were"

Tell = Callable[[int, int], None]


def sweep(*, ours: Tenant, theirs: Tenant, tell: Tell, by: Actor) -> list[Finding]:
    """Plant both, try every attack, look at theirs once more. What fails is a finding."""
    try:
        stage = set_stage(
            ours=plant_canary(tenant=ours, by=by), theirs=plant_canary(tenant=theirs, by=by), by=by
        )
    except Exception as error:  # noqa: BLE001 - without its rows a proof has failed, whatever it was
        detail = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
        return [Finding(PLANT, Wall.CONTROL, is_ok=False, detail=detail)]
    findings = [Finding(PLANT, Wall.CONTROL, is_ok=True, detail=f"{len(stage.targets)} tables")]
    for number, attack in enumerate(ATTACKS, start=1):
        findings.append(run_attack(attack, stage))
        tell(number, len(ATTACKS))
    return [*findings, compare(stage)]


def compare(stage: Stage) -> Finding:
    after = measure(stage.theirs)
    changed = list_changes(stage.planted, after)
    detail = f"changed: {', '.join(changed)}" if changed else f"{len(after)} tables: unchanged"
    return Finding(LOOK, Wall.CONTROL, is_ok=not changed, detail=detail)
