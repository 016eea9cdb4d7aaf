from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.accounts.models import Operator
from apps.common.actor import SYSTEM
from apps.common.errors import Conflict, Forbidden, Invalid, NotFound
from apps.tenants.domain.invitations import (
    LIFE,
    create_invited_operator,
    find_invitation,
    invite_operator,
    join_invited,
    withdraw_invitation,
)
from apps.tenants.enums import Role
from tests.support.kernel import dump_rows, find_plain

EMAIL = "ines@halden.example"
PASSWORD = "a long pass phrase, not a word"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def invite(tenant, email=EMAIL, role=Role.EDITOR):
    return invite_operator(tenant=tenant, email=email, role=role, by=SYSTEM)


def accept(token, password=PASSWORD):
    return create_invited_operator(token=token, name="Ines", password=password, by=SYSTEM)


def roles(operator):
    return list(operator.memberships.values_list("tenant__slug", "role"))


def test_account_is_made_with_the_role(tenant):
    _, token = invite(tenant, " Ines@Halden.example ")

    operator = accept(token)

    assert (operator.email, operator.name, roles(operator)) == (
        EMAIL,
        "Ines",
        [(tenant.slug, "editor")],
    )
    assert operator.check_password(PASSWORD)


def test_link_works_once(tenant):
    _, token = invite(tenant)
    accept(token)

    for use in (find_invitation, accept):
        with pytest.raises(NotFound):
            use(token)


def test_link_is_not_in_the_database(tenant):
    _, token = invite(tenant)

    assert find_plain(dump_rows(tenant.id), token) == set()


@pytest.mark.parametrize(("passed", "is_open"), [(-1, True), (0, False), (1, False)])
def test_link_ends_at_its_moment(tenant, passed, is_open):
    with time_machine.travel(NOON, tick=False):
        _, token = invite(tenant)

    with time_machine.travel(NOON + LIFE + timedelta(seconds=passed), tick=False):
        if is_open:
            assert find_invitation(token).email == EMAIL
        else:
            with pytest.raises(NotFound):
                find_invitation(token)


def test_withdrawn_link_is_gone(tenant):
    invitation, token = invite(tenant)

    withdraw_invitation(invitation=invitation, by=SYSTEM)

    with pytest.raises(NotFound):
        accept(token)


def test_second_invitation_takes_the_place_of_the_first(tenant):
    _, first = invite(tenant)
    _, second = invite(tenant, role=Role.VIEWER)

    with pytest.raises(NotFound):
        find_invitation(first)
    assert find_invitation(second).role == "viewer"
    assert tenant.invitations.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("token", ["", "nonsense", "é"])
def test_other_links_are_unknown(tenant, token):
    invite(tenant)

    with pytest.raises(NotFound):
        find_invitation(token)


def test_weak_password_leaves_the_link(tenant):
    _, token = invite(tenant)

    with pytest.raises(Invalid) as error:
        accept(token, "12345678")

    assert error.value.field == "password"
    assert find_invitation(token).email == EMAIL


def test_operator_with_an_account_joins(tenant, other_tenant):
    operator = accept(invite(other_tenant)[1])
    _, token = invite(tenant, role=Role.OWNER)

    assert join_invited(token=token, operator=operator, by=SYSTEM) == tenant

    assert sorted(roles(operator)) == sorted(
        [(other_tenant.slug, "editor"), (tenant.slug, "owner")]
    )
    with pytest.raises(NotFound):
        join_invited(token=token, operator=operator, by=SYSTEM)


def test_operator_with_another_address_does_not_join(tenant):
    other = Operator.objects.create(email="other@halden.example")
    _, token = invite(tenant)

    with pytest.raises(Forbidden):
        join_invited(token=token, operator=other, by=SYSTEM)

    assert (roles(other), find_invitation(token).email) == ([], EMAIL)


def test_account_that_exists_is_not_made_again(tenant):
    operator = Operator.objects.create(email=EMAIL)
    _, token = invite(tenant)

    with pytest.raises(Conflict):
        accept(token)

    assert roles(operator) == []


def test_operator_of_the_tenant_is_not_invited(tenant):
    accept(invite(tenant)[1])

    with pytest.raises(Conflict) as error:
        invite(tenant)

    assert error.value.field == "email"


@pytest.mark.parametrize("email", ["", "nobody", "a@b"])
def test_bad_address_is_refused(tenant, email):
    with pytest.raises(Invalid) as error:
        invite(tenant, email)

    assert (error.value.field, tenant.invitations.count()) == ("email", 0)
