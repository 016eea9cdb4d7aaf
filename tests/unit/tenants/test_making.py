"""Making tenants and operators, and what is refused."""

import pytest

from apps.accounts.models import Operator
from apps.common.actor import SYSTEM
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import tenant_scope
from apps.keys.models import TenantKey
from apps.tenants.domain.memberships import grant_membership
from apps.tenants.domain.operators import create_operator
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.enums import Role
from apps.tenants.models import Membership, Tenant

PASSWORD = "a long pass phrase, not a word"


def make_operator(tenant, **fields):
    given = {"email": "ines@example.org", "password": PASSWORD, "role": Role.EDITOR}
    return create_operator(**given | fields, tenant=tenant, by=SYSTEM)


def test_tenant_has_a_slug_and_a_key(db):
    tenant = create_tenant(name="  Harbour Clinic ", by=SYSTEM)

    assert (tenant.name, tenant.slug) == ("Harbour Clinic", "harbour-clinic")
    with tenant_scope(tenant.id):
        assert TenantKey.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "n" * 121, "slug": "n"}, "name"),
        ({"name": "Clinic", "slug": "Clinic"}, "slug"),
        ({"name": "Clinic", "slug": "a b"}, "slug"),
        ({"name": "Clinic", "slug": "-a-"}, "slug"),
        ({"name": "Clinic", "slug": "s" * 61}, "slug"),
        ({"name": "診療所"}, "slug"),
    ],
)
def test_tenant_with_an_unusable_name_is_refused(db, fields, field):
    before = Tenant.objects.count()

    with pytest.raises(Invalid) as error:
        create_tenant(**fields, by=SYSTEM)

    assert (error.value.field, Tenant.objects.count()) == (field, before)


@pytest.mark.parametrize("slug", ["harbour", "instance"])
def test_tenant_with_a_taken_slug_is_a_conflict(tenant, slug):
    with pytest.raises(Conflict) as error:
        create_tenant(name="Another", slug=slug, by=SYSTEM)

    assert (error.value.detail, error.value.field) == (f"The slug {slug} is taken.", "slug")
    assert not Tenant.objects.filter(name="Another").exists()


def test_operator_signs_in_with_a_cleaned_address(tenant):
    operator = make_operator(tenant, email="  Ines@Example.ORG ")

    assert (operator.email, operator.is_instance_owner) == ("ines@example.org", False)
    assert operator.check_password(PASSWORD)
    assert list(operator.memberships.values_list("tenant", "role")) == [(tenant.id, "editor")]


TOO_LONG = "x" * 60 + "@" + ("a" * 60 + ".") * 4 + "org"


@pytest.mark.parametrize("email", ["", "ines", "ines@", "a b@example.org", TOO_LONG])
def test_operator_with_a_bad_address_is_refused(tenant, email):
    with pytest.raises(Invalid) as error:
        make_operator(tenant, email=email)

    assert (error.value.field, Operator.objects.count()) == ("email", 0)


@pytest.mark.parametrize(
    "password", ["", "short", "password123", "12345678901", "ines@example.org"]
)
def test_operator_with_a_weak_password_is_refused(tenant, password):
    with pytest.raises(Invalid) as error:
        make_operator(tenant, password=password)

    assert (error.value.field, Operator.objects.count()) == ("password", 0)


def test_operator_with_a_taken_address_is_a_conflict(tenant):
    make_operator(tenant)

    with pytest.raises(Conflict) as error:
        make_operator(tenant, email="INES@example.org")

    assert (error.value.field, Operator.objects.count()) == ("email", 1)


def test_membership_granted_again_takes_the_place_of_the_first(tenant, other_tenant):
    operator = make_operator(tenant)

    grant_membership(operator=operator, tenant=tenant, role=Role.VIEWER, by=SYSTEM)
    grant_membership(operator=operator, tenant=other_tenant, role=Role.OWNER, by=SYSTEM)

    roles = dict(Membership.objects.values_list("tenant", "role"))
    assert roles == {tenant.id: "viewer", other_tenant.id: "owner"}
