"""/dashboard/instance/tenants/ and /dashboard/instance/operators/"""

import pytest

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.domain.tenants import create_canary
from apps.tenants.enums import Role
from apps.tenants.models import Tenant

TENANTS, OPERATORS = "/dashboard/instance/tenants/", "/dashboard/instance/operators/"


@pytest.fixture
def governor(make_operator):
    return make_operator(is_instance_owner=True, name="Ines Moreau")


@pytest.fixture
def browser(governor, sign_in):
    return sign_in(governor)


def list_events(tenant_id, actor):
    with tenant_scope(tenant_id):
        events = AuditEvent.objects.filter(actor_id=actor.id).exclude(action="login").order_by("id")
        return list(events.values_list("action", "target_id", "facts"))


def test_tenants_are_listed_without_those_of_nobody(browser, other_tenant, other_store, api):
    create_canary(slug="canary", by=SYSTEM)

    rows = browser.get(TENANTS).context["tenants"]

    assert [(row.name, row.slug, row.operators, row.keys) for row in rows] == [
        ("Harbour Clinic", "harbour", "1 operator", "1 API key"),
        ("Other Clinic", "other", "0 operators", "1 API key"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_with_more(browser, make_operator, count, django_assert_num_queries):
    for number in range(count):
        Tenant.objects.create(name=f"Tenant {number}", slug=f"tenant-{number}")
        make_operator(f"more-{number}@halden.example")

    with django_assert_num_queries(10):
        browser.get(TENANTS)
    with django_assert_num_queries(11):
        browser.get(OPERATORS)


def test_created_tenant_has_its_maker_as_owner_and_is_chosen(browser, governor):
    answer = browser.post(f"{TENANTS}create/", {"name": "Halden Travel"}, follow=True)

    tenant = Tenant.objects.get(slug="halden-travel")
    assert answer.context["shell"].tenant == "Halden Travel"
    assert list_events(tenant.id, governor) == [
        ("tenant.create", tenant.id, {}),
        ("membership.grant", governor.id, {"role": "owner"}),
    ]


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"name": ""}, "name", "Give the tenant a name of 1 to 120 characters"),
        ({"name": "X", "slug": "harbour"}, "slug", "The slug harbour is taken"),
        ({"name": "X", "slug": "No Slug"}, "slug", "A slug has 1 to 60 lower-case letters"),
    ],
)
def test_wrong_tenant_is_said_at_its_field(browser, tenant, form, field, words):
    errors = browser.post(f"{TENANTS}create/", form).context["form"].errors

    assert list(errors) == [field]
    assert errors[field][0].startswith(words)


def test_tenant_is_renamed_and_keeps_its_slug(browser, governor, other_tenant):
    answer = browser.post(f"{TENANTS}{other_tenant.id}/", {"name": " Harbour Two "})

    other_tenant.refresh_from_db()
    assert answer.url == TENANTS
    assert (other_tenant.name, other_tenant.slug) == ("Harbour Two", "other")
    assert list_events(other_tenant.id, governor) == [("tenant.rename", other_tenant.id, {})]


@pytest.mark.parametrize("tenant_id", [INSTANCE_TENANT_ID, "01990000-0000-7000-8000-000000000000"])
def test_tenants_of_nobody_are_unknown(browser, tenant_id):
    answer = browser.post(f"{TENANTS}{tenant_id}/", {"name": "X"})

    assert answer.status_code == 404


def test_operators_of_all_tenants_are_listed(browser, make_operator, other_tenant, bare_operator):
    make_operator("other@halden.example", tenant=other_tenant, role=Role.PRIVACY_OFFICER)

    rows = browser.get(OPERATORS).context["operators"]

    assert [(row.name, row.tenants, row.is_instance_owner) for row in rows] == [
        ("nobody@halden.example", (), False),
        ("other@halden.example", ("Other Clinic: privacy officer",), False),
        ("Ines Moreau", ("Harbour Clinic: owner",), True),
    ]


def test_switched_off_operator_is_out_at_once(browser, governor, make_operator, sign_in):
    other = make_operator("other@halden.example")
    theirs, path = sign_in(other), f"{OPERATORS}{other.id}/"

    browser.post(path, {"act": "off"})
    assert theirs.get("/dashboard/").status_code == 302
    browser.post(path, {"act": "on"})
    assert sign_in(other).get("/dashboard/").status_code == 200

    assert list_events(INSTANCE_TENANT_ID, governor) == [
        ("operator.switch", other.id, {"is_on": False}),
        ("operator.switch", other.id, {"is_on": True}),
    ]


def test_instance_owner_is_made_and_unmade(browser, governor, make_operator, sign_in):
    other = make_operator("other@halden.example")
    theirs, path = sign_in(other), f"{OPERATORS}{other.id}/"

    browser.post(path, {"act": "owner"})
    assert theirs.get(TENANTS).status_code == 200
    browser.post(path, {"act": "no-owner"})
    assert theirs.get(TENANTS).status_code == 403

    assert list_events(INSTANCE_TENANT_ID, governor) == [
        ("operator.instance-owner", other.id, {"is_owner": True}),
        ("operator.instance-owner", other.id, {"is_owner": False}),
    ]


@pytest.mark.parametrize("act", ["off", "no-owner"])
def test_last_instance_owner_is_not_locked_out(browser, governor, act):
    page = browser.post(f"{OPERATORS}{governor.id}/", {"act": act}, follow=True).content.decode()

    assert "Ines Moreau is the last instance owner. Make another one first." in page
    assert browser.get(OPERATORS).status_code == 200


def test_unknown_act_changes_nothing(browser, governor):
    browser.post(f"{OPERATORS}{governor.id}/", {"act": "erase"})

    assert list_events(INSTANCE_TENANT_ID, governor) == []


def test_deciding_wants_a_recent_sign_in(governor, sign_in, bare_operator):
    browser = sign_in(governor, is_recent=False)

    answer = browser.post(f"{OPERATORS}{bare_operator.id}/", {"act": "off"})

    assert answer.url.startswith("/accounts/reauthenticate/")
    assert Operator.objects.get(id=bare_operator.id).is_active


def test_instance_owner_opens_pages_without_the_shell(browser):
    answer = browser.get("/accounts/password/change/")

    assert (answer.status_code, answer.context["shell"]) == (200, None)


def test_instance_owner_without_a_tenant_can_make_one(db, sign_in):
    alone = Operator.objects.create(email="alone@halden.example", is_instance_owner=True)
    browser = sign_in(alone)

    refused = browser.get("/dashboard/")
    assert (refused.status_code, b"You can create one." in refused.content) == (403, True)
    for path in (f"{TENANTS}create/", "/dashboard/account/", "/dashboard/help/rooms/"):
        assert browser.get(path).status_code == 200
    browser.post(f"{TENANTS}create/", {"name": "Halden Travel"})

    assert browser.get("/dashboard/").status_code == 200


def test_operator_is_deleted_by_the_address_typed_back(browser, make_operator):
    leaving = make_operator("leaving@halden.example", role=Role.VIEWER)
    page = f"{OPERATORS}{leaving.id}/"

    wrong = browser.post(page, {"act": "delete", "typed": "ines"})
    assert b"Type leaving@halden.example to delete the operator" in wrong.content
    assert Operator.objects.filter(id=leaving.id).exists()
    browser.post(page, {"act": "delete", "typed": "leaving@halden.example"})

    assert not Operator.objects.filter(id=leaving.id).exists()
    assert browser.get(page).status_code == 404
