"""Erasures that nobody has asked for anew: a term has passed, or a backup brought somebody back."""

import time
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict
from apps.isolation.scope import tenant_scope
from apps.memories.models import Entity
from apps.privacy.domain.moves import start_or_block
from apps.privacy.domain.tenant_erasure import order_tenant_erasure, run_tenant_erasure
from apps.privacy.domain.work import run_request
from apps.privacy.enums import IdentityCheck, RequestKind, RequestState, Via
from apps.privacy.models import Request
from apps.privacy.queries import read_request
from apps.tenants.models import Tenant

PAUSE = 1.0  # seconds, where a step is tried again
MOST_TRIES = 30


def order_erasure(*, entity: Entity, via: Via, by: Actor) -> Request:
    """A request that is approved and runs, in the open scope; blocked where a hold forbids it."""
    today = timezone.now().date()
    request = Request(
        kind=RequestKind.ERASURE,
        state=RequestState.APPROVED,
        via=via,
        subject_kind=entity.kind,
        subject_id=entity.id,
        identity_check=IdentityCheck.APPLICATION if via == Via.COMMAND else "",
        received_on=today,
        due_on=today,
        opened_by=by.id,
        created_at=timezone.now(),
    )
    request.save(force_insert=True)
    record(Action.REQUEST_OPEN, by=by, target_id=request.id, kind=RequestKind.ERASURE, via=via)
    start_or_block(request, by=by)
    return request


def erase_again(*, tenant_id: UUID, entity_id: UUID, by: Actor) -> Request:
    """Erase the entity here and now, to the certificate: it was approved the first time.

    Conflict where a hold or a step that fails again and again stands in the way. Outside any scope.
    """
    with tenant_scope(tenant_id):
        entity = Entity.objects.get(id=entity_id)
        request = order_erasure(entity=entity, via=Via.COMMAND, by=by)
    while True:
        run_request(tenant_id=tenant_id, request_id=request.id, by=by)
        done = read_request(tenant_id=tenant_id, request_id=request.id)
        if done.state != RequestState.RUNNING:
            break
        time.sleep(PAUSE)
    if done.state != RequestState.DONE:
        raise Conflict(f"Erasure {done.id} is not done: it is {done.state} ({done.failure}).")
    return done


def erase_tenant_now(*, tenant_id: UUID, by: Actor) -> Tenant:
    """Bring an erasure that was ordered to its certificate, here. Outside any scope.

    Conflict where it comes to nothing again and again; it can be gone on with.
    """
    for _ in range(MOST_TRIES):
        while run_tenant_erasure(tenant_id=tenant_id, by=by):
            pass
        tenant = Tenant.objects.get(id=tenant_id)
        if "certificate" in (tenant.closing or {}):
            return tenant
        time.sleep(PAUSE)
    raise Conflict("The erasure is not done: something held it up. Run the same command again.")


def erase_tenant_again(*, tenant_id: UUID, by: Actor) -> None:
    """After a restore: it was decided the first time, whatever is held now."""
    tenant = Tenant.objects.get(id=tenant_id)
    if tenant.closed_at is None:
        order_tenant_erasure(tenant=tenant, is_forced=True, by=by)
    erase_tenant_now(tenant_id=tenant_id, by=by)
