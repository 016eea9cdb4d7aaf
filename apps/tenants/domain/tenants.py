"""Making tenants."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.instance import create_instance_secrets
from apps.keys.ring import create_tenant_key
from apps.tenants.domain.tenant_keys import open_tenant_key
from apps.tenants.enums import ReadAudit
from apps.tenants.models import Tenant

NAME_LENGTH, SLUG_LENGTH = 120, 60


@transaction.atomic
def create_tenant(*, name: str, slug: str = "", by: Actor) -> Tenant:
    """A tenant with its key. Refuses an empty name and a slug that is taken.

    MasterKeyMismatch where its key would lie under another master key than the others.
    """
    name, slug = _clean_name(name), slug or slugify(name)
    if not slug or slug != slugify(slug) or len(slug) > SLUG_LENGTH:
        raise Invalid(
            f"A slug has 1 to {SLUG_LENGTH} lower-case letters, digits and hyphens.", field="slug"
        )
    return _create(name=name, slug=slug, by=by)


@transaction.atomic
def create_canary(*, slug: str, by: Actor) -> Tenant:
    """A tenant of nobody, to prove things with; it stands in no list. Raises as create_tenant does.

    Its slug begins with an underscore, as that of no other tenant can.
    """
    return _create(name="Canary", slug=f"_{slug}", is_canary=True, by=by)


def rename_tenant(*, tenant: Tenant, name: str, by: Actor) -> None:
    """Its slug stays: commands and links use it. Refuses an empty name and one too long."""
    name = _clean_name(name)
    with tenant_scope(tenant.id):
        tenant.name = name
        tenant.save(update_fields=["name"])
        record(Action.TENANT_RENAME, by=by, target_id=tenant.id)


def audit_api_reads(*, tenant: Tenant, which: ReadAudit, by: Actor) -> None:
    """Which reads by applications leave an event from now on. Acts at once."""
    with tenant_scope(tenant.id):
        tenant.api_reads = which
        tenant.save(update_fields=["api_reads"])
        record(Action.TENANT_CONFIGURE, by=by, target_id=tenant.id, api_reads=which)


def choose_outside_hosts(*, tenant: Tenant, is_forbidden: bool, by: Actor) -> None:
    """Whether hosts outside may get texts, to embed them or to extract from them. Acts at once."""
    with tenant_scope(tenant.id):
        tenant.forbids_outside_hosts = is_forbidden
        tenant.save(update_fields=["forbids_outside_hosts"])
        record(Action.TENANT_HOSTS, by=by, target_id=tenant.id, forbidden=is_forbidden)


@transaction.atomic
def create_instance_tenant(*, by: Actor) -> None:
    """The fixed tenant of what belongs to no customer, with its key and the instance's secrets."""
    Tenant.objects.create(id=INSTANCE_TENANT_ID, slug="instance", name="Instance")
    with tenant_scope(INSTANCE_TENANT_ID):
        create_tenant_key()
        create_instance_secrets()
        record(Action.TENANT_CREATE, by=by, target_id=INSTANCE_TENANT_ID)


def _clean_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise Invalid(f"Give the tenant a name of 1 to {NAME_LENGTH} characters.", field="name")
    return name


def _create(*, name: str, slug: str, is_canary: bool = False, by: Actor) -> Tenant:
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(name=name, slug=slug, is_canary=is_canary)
    except IntegrityError:
        raise Conflict(f"The slug {slug} is taken.", field="slug") from None
    open_tenant_key(INSTANCE_TENANT_ID)
    with tenant_scope(tenant.id):
        create_tenant_key()
        record(Action.TENANT_CREATE, by=by, target_id=tenant.id)
    return tenant
