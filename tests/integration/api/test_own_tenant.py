"""The key's own tenant: read, and renamed by keys with the scope `admin`."""

import pytest

from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.tenants.enums import ApiScope
from tests.integration.conftest import Api

PATH = "/api/v1/tenant/"


@pytest.fixture
def admin(make_key):
    return Api(make_key(scopes=[ApiScope.ADMIN, ApiScope.READ]))


def test_it_is_the_keys_own(api, other_api, tenant, other_tenant):
    assert api.get(PATH).json() == {
        "id": str(tenant.id),
        "slug": "harbour",
        "name": "Harbour Clinic",
        "created_at": tenant.created_at.isoformat().replace("+00:00", "Z"),
        "audited_reads": "off",
    }
    assert other_api.get(PATH).json()["id"] == str(other_tenant.id)


def test_it_is_renamed(admin, tenant):
    answer = admin.send("PATCH", PATH, {"name": "Harbour House"})

    assert (answer.status_code, answer.json()["name"]) == (200, "Harbour House")
    assert admin.get(PATH).json()["name"] == "Harbour House"
    with tenant_scope(tenant.id):
        newest = AuditEvent.objects.order_by("-id").first()
    assert (newest.action, newest.target_id) == ("tenant.rename", tenant.id)


def test_renaming_needs_the_scope(api, tenant):
    assert api.send("PATCH", PATH, {"name": "x"}).status_code == 403
    tenant.refresh_from_db()
    assert tenant.name == "Harbour Clinic"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "x", "slug": "y"}, "slug"),
    ],
)
def test_wrong_input_is_named(admin, body, field):
    answer = admin.send("PATCH", PATH, body)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
