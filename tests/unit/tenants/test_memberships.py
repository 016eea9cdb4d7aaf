"""A tenant never loses its last owner, nor the instance."""

import pytest

from apps.accounts.models import Operator
from apps.common.actor import SYSTEM
from apps.common.errors import Conflict
from apps.tenants.domain.memberships import (
    change_role,
    create_owned_tenant,
    grant_membership,
    remove_membership,
)
from apps.tenants.domain.operators import change_instance_owner, switch_operator
from apps.tenants.enums import Role
from apps.tenants.models import Membership


@pytest.fixture
def join(tenant):
    def join(email, role=Role.OWNER, *, tenant=tenant, **fields):
        operator = Operator.objects.create(email=f"{email}@halden.example", **fields)
        grant_membership(operator=operator, tenant=tenant, role=role, by=SYSTEM)
        return Membership.objects.get(operator=operator, tenant=tenant)

    return join


def demote(membership):
    change_role(membership=membership, role=Role.VIEWER, by=SYSTEM)


def remove(membership):
    remove_membership(membership=membership, by=SYSTEM)


def switch_off(membership):
    switch_operator(operator=membership.operator, is_on=False, by=SYSTEM)


ways_out = pytest.mark.parametrize("leave", [demote, remove, switch_off])


def roles(tenant):
    mine = tenant.memberships.filter(operator__is_active=True).order_by("operator__email")
    return list(mine.values_list("operator__email", "role"))


@ways_out
def test_last_owner_stays(join, tenant, leave):
    owner = join("ada")
    join("eve", Role.PRIVACY_OFFICER)
    before = roles(tenant)

    with pytest.raises(Conflict, match="last owner of"):
        leave(owner)

    assert roles(tenant) == before


@ways_out
def test_one_of_two_owners_leaves(join, tenant, leave):
    owner, other = join("ada"), join("eve")

    leave(owner)

    assert ("eve@halden.example", "owner") in roles(tenant)
    assert ("ada@halden.example", "owner") not in roles(tenant)
    with pytest.raises(Conflict):
        leave(other)


@ways_out
def test_owner_who_is_switched_off_or_of_another_tenant_counts_nothing(join, other_tenant, leave):
    owner = join("ada")
    join("off", is_active=False)
    join("elsewhere", tenant=other_tenant)

    with pytest.raises(Conflict):
        leave(owner)


@ways_out
def test_others_leave_freely(join, tenant, leave):
    join("ada")
    editor = join("eve", Role.EDITOR)

    leave(editor)

    assert ("eve@halden.example", "editor") not in roles(tenant)


def test_owner_stays_owner(join, tenant):
    change_role(membership=join("ada"), role=Role.OWNER, by=SYSTEM)

    assert roles(tenant) == [("ada@halden.example", "owner")]


def take_away(operator):
    change_instance_owner(operator=operator, is_owner=False, by=SYSTEM)


def switch_operator_off(operator):
    switch_operator(operator=operator, is_on=False, by=SYSTEM)


@pytest.mark.parametrize("leave", [take_away, switch_operator_off])
def test_last_instance_owner_stays(db, leave):
    one, other, _ = (
        Operator.objects.create(
            email=f"{name}@halden.example", is_instance_owner=True, is_active=name != "off"
        )
        for name in ("ada", "eve", "off")
    )

    leave(one)
    with pytest.raises(Conflict, match="last instance owner"):
        leave(other)

    left = Operator.objects.filter(is_instance_owner=True, is_active=True)
    assert list(left) == [other]


def test_switched_off_operator_comes_back_with_the_roles(join, tenant):
    join("ada")
    editor = join("eve", Role.EDITOR)

    switch_off(editor)
    assert roles(tenant) == [("ada@halden.example", "owner")]
    switch_operator(operator=editor.operator, is_on=True, by=SYSTEM)

    assert ("eve@halden.example", "editor") in roles(tenant)


def test_new_tenant_has_its_maker_as_owner(db):
    operator = Operator.objects.create(email="ada@halden.example")

    tenant = create_owned_tenant(name="Halden Travel", owner=operator, by=SYSTEM)

    assert (tenant.slug, roles(tenant)) == ("halden-travel", [("ada@halden.example", "owner")])
