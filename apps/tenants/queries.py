"""Reading tenants and what hangs on them. Keys are never read but of one tenant."""

from uuid import UUID

from apps.common.errors import NotFound
from apps.tenants.models import ApiKey, Tenant


def get_tenant(slug: str) -> Tenant:
    """The tenant with this slug; NotFound if there is none. The instance's own is nobody's."""
    tenant = Tenant.objects.listed().filter(slug=slug).first()
    if tenant is None:
        raise NotFound(f"No tenant has the slug {slug}.", field="tenant")
    return tenant


def list_api_keys(tenant: Tenant) -> list[ApiKey]:
    """All that were ever made, the newest first. One statement."""
    return list(ApiKey.objects.filter(tenant=tenant).order_by("-created_at", "-id"))


def get_api_key(*, tenant: Tenant, key_id: UUID) -> ApiKey:
    """NotFound for another tenant's."""
    key = ApiKey.objects.filter(tenant=tenant, id=key_id).first()
    if key is None:
        raise NotFound("No API key has this id.")
    return key
