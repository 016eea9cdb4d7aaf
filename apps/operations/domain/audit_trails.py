"""All tenants' trails: verifying them, and removing what has passed its term."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import structlog
from django.utils import timezone

from apps.audit.domain.checks import continue_check, start_check
from apps.audit.domain.retention import expire_trail
from apps.audit.domain.signing import read_public_keys, read_signer
from apps.audit.domain.verification import Verification, verify_trail
from apps.audit.models import AuditCheck
from apps.common.actor import Actor
from apps.common.sending import send
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.operations.domain.anchors import load_anchors
from apps.tenants.models import Tenant
from apps.tenants.queries import get_tenant

logger = structlog.get_logger("memoryhub.audit")

INSTANCE_SLUG = "instance"
TASK = "operations.verify_trail"


def find_trails(slug: str = "") -> list[Tenant]:
    """The tenant with this slug, else every one. The instance has a trail as well."""
    if not slug:
        return list(Tenant.objects.order_by("slug"))
    if slug == INSTANCE_SLUG:
        return [Tenant.objects.get(id=INSTANCE_TENANT_ID)]
    return [get_tenant(slug)]


def verify_trails(
    tenants: Sequence[Tenant], *, start: int = 1, anchor_file: str = ""
) -> Iterator[tuple[Tenant, Verification]]:
    """One tenant after the other. Call outside any scope."""
    keys, anchors = read_public_keys(), load_anchors(anchor_file)
    for tenant in tenants:
        known = anchors.get(tenant.id, {})
        yield tenant, verify_trail(tenant_id=tenant.id, keys=keys, anchors=known, start=start)


def start_checks(*, by: Actor) -> list[tuple[UUID, UUID]]:
    """A check of every trail, to be run in the background: ids of tenants and checks."""
    started = []
    for tenant in find_trails():
        with tenant_scope(tenant.id):
            started.append((tenant.id, start_check(by=by).id))
    return started


def send_check(*, tenant_id: UUID, check_id: UUID) -> bool:
    """Let a worker go on with the check; False without a broker: whoever asks again sends it."""
    return send(TASK, tenant_id=tenant_id, check_id=check_id)


def run_check(*, tenant_id: UUID, check_id: UUID, goes_on: Callable[[], bool]) -> bool:
    """Go on with a check while `goes_on`; answers whether it has ended. A finding is logged."""
    keys, anchors = read_public_keys(), load_anchors().get(tenant_id, {})
    is_done = continue_check(
        tenant_id=tenant_id, check_id=check_id, keys=keys, anchors=anchors, goes_on=goes_on
    )
    if is_done:
        _log(tenant_id, check_id)
    return is_done


def expire_trails(*, goes_on: Callable[[], bool], by: Actor) -> None:
    """Remove everywhere what has passed its term."""
    signer, now = read_signer(by=by), timezone.now()
    for tenant in find_trails():
        if goes_on():
            expire_trail(tenant_id=tenant.id, now=now, signer=signer, by=by)


def _log(tenant_id: UUID, check_id: UUID) -> None:
    with tenant_scope(tenant_id):
        check = AuditCheck.objects.filter(id=check_id).first()
    if check and (problems := check.state["problems"]):
        logger.error("audit trail has problems", tenant=str(tenant_id), first=problems[0]["kind"])
