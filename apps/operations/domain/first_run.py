"""What an empty instance needs before anybody can use it."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID
from apps.keys.master import make_master_key
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.operators import create_operator
from apps.tenants.domain.tenants import create_instance_tenant, create_tenant
from apps.tenants.enums import Role
from apps.tenants.models import Tenant

OPERATOR_EMAIL = "operator@memoryhub.local"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """Shown once: the password and the key can't be had again."""

    email: str
    password: str
    api_key: str


def prepare_instance() -> FirstRun | None:
    """Make the master key, the tenants `instance` and `default`, an operator and an API key.

    None where they exist already: a second run changes nothing.
    """
    if Tenant.objects.filter(id=INSTANCE_TENANT_ID).exists():
        return None
    make_master_key()
    password = secrets.token_urlsafe(15)
    with transaction.atomic():
        create_instance_tenant(by=SYSTEM)
        tenant = create_tenant(name="Default", slug="default", by=SYSTEM)
        operator = create_operator(
            email=OPERATOR_EMAIL,
            password=password,
            tenant=tenant,
            role=Role.OWNER,
            is_instance_owner=True,
            by=SYSTEM,
        )
        _, api_key = create_api_key(tenant=tenant, name="First key", by=SYSTEM)
    return FirstRun(operator.email, password, api_key)
