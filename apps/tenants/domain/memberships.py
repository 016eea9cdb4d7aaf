"""Roles of operators in a tenant. A tenant never loses its last owner."""

from django.db import transaction

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict
from apps.isolation.scope import tenant_scope
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.enums import Role
from apps.tenants.models import Membership, Tenant


@transaction.atomic
def grant_membership(*, operator: Operator, tenant: Tenant, role: Role, by: Actor) -> None:
    """Give the operator this role in the tenant, in place of any other there."""
    Membership.objects.update_or_create(operator=operator, tenant=tenant, defaults={"role": role})
    with tenant_scope(tenant.id):
        record(Action.MEMBERSHIP_GRANT, by=by, target_id=operator.id, role=Role(role))


@transaction.atomic
def change_role(*, membership: Membership, role: Role, by: Actor) -> None:
    """Acts at once. Refuses to take the role from the tenant's last owner."""
    if role != Role.OWNER:
        check_owner_stays(membership)
    grant_membership(operator=membership.operator, tenant=membership.tenant, role=role, by=by)


@transaction.atomic
def remove_membership(*, membership: Membership, by: Actor) -> None:
    """The operator sees the tenant no more; the account stays. Refuses the tenant's last owner."""
    check_owner_stays(membership)
    Membership.objects.filter(id=membership.id).delete()
    with tenant_scope(membership.tenant_id):
        role = Role(membership.role)
        record(Action.MEMBERSHIP_REMOVE, by=by, target_id=membership.operator_id, role=role)


@transaction.atomic
def create_owned_tenant(*, name: str, slug: str = "", owner: Operator, by: Actor) -> Tenant:
    """A tenant that somebody can enter. Raises as create_tenant does."""
    tenant = create_tenant(name=name, slug=slug, by=by)
    grant_membership(operator=owner, tenant=tenant, role=Role.OWNER, by=by)
    return tenant


def check_owner_stays(membership: Membership) -> None:
    """Conflict for the only owner who can sign in, but of a tenant that is erased.

    Holds the tenant's owners until the commit, so that the last two can't go at once.
    """
    owners = Membership.objects.filter(
        tenant_id=membership.tenant_id, role=Role.OWNER, operator__is_active=True
    )
    held = owners.order_by("id").select_for_update(of=("self",))
    if membership.tenant.closed_at is None and {one.id for one in held} == {membership.id}:
        raise Conflict(
            f"{membership.operator} is the last owner of {membership.tenant}."
            " Make another operator an owner first."
        )
