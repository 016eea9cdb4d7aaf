"""Tenants, and a database in which tests really commit."""

import pytest
from django.db import connections

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.models import Tenant
from tests.support import sentinel
from tests.support.kernel import quote_table, tenant_models


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """The shipped hasher takes its time, as it should."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def tenant(db):
    return create_tenant(name="Harbour Clinic", slug="harbour", by=SYSTEM)


@pytest.fixture
def other_tenant(db):
    return create_tenant(name="Other Clinic", slug="other", by=SYSTEM)


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """For what a test inside one transaction can't show. What the test made is removed as owner.

    Nothing is flushed, so the instance's tenant, its secrets and the embedding model stay.
    """
    with django_db_blocker.unblock():
        tenants = list(Tenant.objects.values_list("id", flat=True))
        operators = list(Operator.objects.values_list("id", flat=True))
        try:
            yield
        finally:
            connections["default"].close()
            _remove_all_but(tenants, operators)
            connections["owner"].close()


def _remove_all_but(tenants, operators):
    with sentinel.off("committed rows"), connections["owner"].cursor() as cursor:
        tables = [quote_table(model) for model in _children_first()]
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM tenants_membership WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM tenants_apikey WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM tenants_tenant WHERE NOT id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM accounts_operator WHERE NOT id = ANY(%s)", [operators])
        cursor.execute(
            f"DELETE FROM {quote_table(AuditEvent)} WHERE tenant_id = %s AND action <> %s",
            [INSTANCE_TENANT_ID, "tenant.create"],
        )


def _children_first():
    order = ("Vector", "Version", "Memory", "Entity")
    return sorted(
        tenant_models(),
        key=lambda model: order.index(model.__name__) if model.__name__ in order else len(order),
    )


@pytest.fixture
def committed_tenant(committed_db):
    return create_tenant(name="Committed Clinic", slug="committed", by=SYSTEM)
