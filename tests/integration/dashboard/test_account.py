"""/dashboard/account/: name, theme, password, sessions"""

import pytest
from django.test import Client

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.enums import Role

ROOM = "/dashboard/account/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def operator(make_operator):
    return make_operator(role=Role.VIEWER)


@pytest.fixture
def enter(operator, password):
    def enter(agent=FIREFOX, address="203.0.113.77"):
        browser = Client(REMOTE_ADDR=address, headers={"User-Agent": agent})
        form = {"login": operator.email, "password": password}
        assert browser.post("/accounts/login/", form).url == "/dashboard/"
        return browser

    return enter


def list_events(*names):
    with tenant_scope(INSTANCE_TENANT_ID):
        events = AuditEvent.objects.filter(action__in=names).order_by("id")
        return list(events.values_list("action", "actor_id", "target_id", "facts"))


def sessions(browser):
    return browser.get(ROOM).context["sessions"]


def test_every_role_has_its_account(operator, enter):
    page = enter().get(ROOM).content.decode()

    assert operator.email in page
    assert "off: a password alone opens this account" in page


def test_name_is_changed(operator, enter):
    browser = enter()

    assert browser.post(ROOM, {"name": " Ines Moreau "}).url == ROOM

    assert Operator.objects.get(id=operator.id).name == "Ines Moreau"
    assert list_events("operator.rename") == [("operator.rename", operator.id, operator.id, {})]


@pytest.mark.parametrize("name", ["", " ", "n" * 121])
def test_wrong_name_is_said_at_its_field(operator, enter, name):
    answer = enter().post(ROOM, {"name": name})

    assert answer.context["form"].errors == {"name": ["Enter a name of 1 to 120 characters"]}
    assert Operator.objects.get(id=operator.id).name == ""


def test_sessions_are_listed(enter, make_operator, sign_in):
    browser = enter()
    enter(PHONE, "198.51.100.4")
    sign_in(make_operator("other@halden.example"))

    assert [(row.browser, row.address, row.is_current) for row in sessions(browser)] == [
        ("Safari on iPhone", "198.51.100.4", False),
        ("Firefox on Linux", "203.0.113.77", True),
    ]


def test_another_browser_is_signed_out(operator, enter):
    browser, other, third = enter(), enter(PHONE), enter()
    row = next(row for row in sessions(browser) if row.browser == "Safari on iPhone")

    assert browser.post(row.end_href).url == ROOM

    states = [one.get(ROOM).status_code for one in (browser, other, third)]
    assert states == [200, 302, 200]
    assert list_events("session.end") == [("session.end", operator.id, operator.id, {"count": 1})]


def test_all_other_browsers_are_signed_out(operator, enter):
    browser, other, third = enter(), enter(PHONE), enter()

    browser.post(f"{ROOM}sessions/end/")

    assert [one.get(ROOM).status_code for one in (browser, other, third)] == [200, 302, 302]
    assert list_events("session.end")[0][3] == {"count": 2}
    assert len(sessions(browser)) == 1


def test_nobody_else_is_signed_out(enter, make_operator, password):
    browser = enter()
    stranger = make_operator("stranger@halden.example")
    theirs = Client()
    theirs.post("/accounts/login/", {"login": stranger.email, "password": password})
    [row] = sessions(theirs)

    assert browser.post(row.end_href).status_code == 404
    browser.post(f"{ROOM}sessions/end/")

    assert theirs.get(ROOM).status_code == 200
    assert list_events("session.end") == []


def test_own_session_is_ended_by_signing_out_only(enter):
    browser = enter()
    [row] = sessions(browser)

    assert browser.post(row.end_href).status_code == 404
    assert browser.get(ROOM).status_code == 200


def test_changed_password_signs_out_the_others(enter, password):
    browser, other = enter(), enter(PHONE)
    new = "another long pass phrase"

    browser.post(
        "/accounts/password/change/", {"oldpassword": password, "password1": new, "password2": new}
    )

    assert [one.get(ROOM).status_code for one in (browser, other)] == [200, 302]


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_with_more(enter, count, django_assert_num_queries):
    for _ in range(count - 1):
        enter(PHONE)
    browser = enter()

    with django_assert_num_queries(11):
        browser.get(ROOM)
