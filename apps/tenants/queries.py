"""Reading tenants and what hangs on them. Keys are never read but of one tenant."""

from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from apps.accounts.models import Operator
from apps.accounts.queries import has_factor
from apps.common.errors import NotFound
from apps.tenants.models import ApiKey, Invitation, Membership, Tenant
from apps.tenants.rules import TENANT_PERMISSIONS, Permission


def get_tenant(slug: str) -> Tenant:
    """The tenant with this slug; NotFound if there is none. The instance's own is nobody's."""
    tenant = Tenant.objects.listed().filter(slug=slug).first()
    if tenant is None:
        raise NotFound(f"No tenant has the slug {slug}.", field="tenant")
    return tenant


def forbids_outside_hosts(tenant_id: UUID) -> bool:
    """Whether no host outside may get this tenant's texts. One statement."""
    found = Tenant.objects.listed().filter(id=tenant_id, forbids_outside_hosts=True)
    return found.exists()


def list_api_keys(tenant: Tenant, *, offset: int = 0, limit: int | None = None) -> list[ApiKey]:
    """All that were ever made, the newest first, or a page of them. One statement."""
    rows = ApiKey.objects.filter(tenant=tenant).order_by("-created_at", "-id")
    return list(rows[offset : None if limit is None else offset + limit])


def count_api_keys(tenant: Tenant) -> int:
    return ApiKey.objects.filter(tenant=tenant).count()


def get_api_key(*, tenant: Tenant, key_id: UUID) -> ApiKey:
    """NotFound for another tenant's."""
    key = ApiKey.objects.filter(tenant=tenant, id=key_id).first()
    if key is None:
        raise NotFound("No API key has this id.")
    return key


def list_tenants() -> list[Tenant]:
    """With `operators` and `keys`, the counts of both. One statement."""
    rows = Tenant.objects.listed().order_by("name", "id")
    return list(
        rows.annotate(
            operators=Count("memberships", distinct=True),
            keys=Count("api_keys", filter=Q(api_keys__revoked_at=None), distinct=True),
        )
    )


def get_tenant_by_id(tenant_id: UUID) -> Tenant:
    tenant = Tenant.objects.listed().filter(id=tenant_id).first()
    if tenant is None:
        raise NotFound("No tenant has this id.")
    return tenant


def list_memberships(tenant: Tenant) -> list[Membership]:
    """With their operators, and `has_factor`. One statement."""
    mine = Membership.objects.filter(tenant=tenant).select_related("operator")
    mine = mine.annotate(has_factor=has_factor("operator_id"))
    return list(mine.order_by("operator__name", "operator__email"))


def list_handlers(tenant_id: UUID) -> list[Operator]:
    """Operators who may handle the requests of people in this tenant. One statement."""
    roles = TENANT_PERMISSIONS[Permission.REQUEST_HANDLE]
    rows = Operator.objects.filter(
        memberships__tenant_id=tenant_id, memberships__role__in=roles, is_active=True
    )
    return list(rows.order_by("name", "email"))


def get_membership(*, tenant: Tenant, operator_id: UUID) -> Membership:
    """NotFound for an operator of other tenants only."""
    mine = Membership.objects.filter(tenant=tenant, operator_id=operator_id)
    membership = mine.select_related("operator", "tenant").first()
    if membership is None:
        raise NotFound("No operator of this tenant has this id.")
    return membership


def list_invitations(tenant: Tenant) -> list[Invitation]:
    """Those that were neither used nor withdrawn; some may have expired. One statement."""
    mine = Invitation.objects.filter(tenant=tenant, ended_at=None)
    return list(mine.select_related("invited_by").order_by("-created_at"))


def get_invitation(*, tenant: Tenant, invitation_id: UUID) -> Invitation:
    invitation = Invitation.objects.filter(tenant=tenant, id=invitation_id, ended_at=None).first()
    if invitation is None:
        raise NotFound("No open invitation has this id.")
    return invitation


def list_operators() -> list[Operator]:
    """All of the instance, with their memberships, and `has_factor`. Two statements."""
    return list(_operators().order_by("name", "email"))


def get_operator(operator_id: UUID) -> Operator:
    """As they are listed."""
    operator = _operators().filter(id=operator_id).first()
    if operator is None:
        raise NotFound("No operator has this id.")
    return operator


def _operators() -> QuerySet[Operator]:
    tenants = Membership.objects.select_related("tenant").order_by("tenant__name")
    rows = Operator.objects.prefetch_related(Prefetch("memberships", tenants))
    return rows.annotate(has_factor=has_factor("id"))
