"""Reading tenants."""

from apps.common.errors import NotFound
from apps.tenants.models import Membership, Tenant


def get_tenant(slug: str) -> Tenant:
    """The tenant with this slug; NotFound if there is none. The instance's own is nobody's."""
    tenant = Tenant.objects.listed().filter(slug=slug).first()
    if tenant is None:
        raise NotFound(f"No tenant has the slug {slug}.", field="tenant")
    return tenant


def list_members(tenant: Tenant) -> list[Membership]:
    """Who may enter the tenant, with the operators, the oldest membership first."""
    rows = Membership.objects.filter(tenant=tenant).select_related("operator")
    return list(rows.order_by("created_at", "id"))
