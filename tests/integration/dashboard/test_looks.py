"""Theme, tenant switch, find, sign-in and error pages."""

import pytest
from django.test import Client

from apps.common.actor import SYSTEM
from apps.tenants.domain.memberships import grant_membership
from apps.tenants.enums import Role

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def test_policy_is_strict(browser):
    policy = browser.get("/dashboard/")["Content-Security-Policy"]

    assert {part.strip() for part in policy.split(";")} >= POLICY
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("theme", "shown"), [("dark", "dark"), ("light", "light"), ("purple", "system")]
)
def test_theme_is_written_by_the_server(browser, theme, shown):
    answer = browser.post("/dashboard/theme/", {"theme": theme, "next": "/dashboard/find/"})

    assert answer.url == "/dashboard/find/"
    assert f'data-theme="{shown}"' in browser.get("/dashboard/").content.decode()


def test_theme_by_htmx_sends_an_event(browser):
    answer = browser.post("/dashboard/theme/", {"theme": "dark"}, headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer["HX-Trigger"] == '{"theme": {"value": "dark"}}'


def test_theme_never_leads_outside(browser):
    answer = browser.post("/dashboard/theme/", {"theme": "dark", "next": "https://evil.example/"})

    assert answer.url == "/dashboard/"


def test_tenant_switch(make_operator, sign_in, tenant, other_tenant, other_store):
    operator = make_operator()
    grant_membership(operator=operator, tenant=other_tenant, role=Role.VIEWER, by=SYSTEM)
    other_store.add("I like tea.", user_id="of-the-other")
    browser = sign_in(operator)

    browser.post("/dashboard/tenant/", {"tenant": str(other_tenant.id)})

    answer = browser.get("/dashboard/entities/user/")
    assert [row.external_id for row in answer.context["listing"].rows] == ["of-the-other"]


def test_tenant_without_membership_is_not_entered(browser, other_tenant):
    browser.post("/dashboard/tenant/", {"tenant": str(other_tenant.id)})

    assert browser.get("/dashboard/").context["shell"].tenant == "Harbour Clinic"


def test_membership_that_ended_counts_no_longer(make_operator, sign_in, other_tenant):
    operator = make_operator()
    grant_membership(operator=operator, tenant=other_tenant, role=Role.VIEWER, by=SYSTEM)
    browser = sign_in(operator)
    browser.post("/dashboard/tenant/", {"tenant": str(other_tenant.id)})

    operator.memberships.filter(tenant=other_tenant).delete()

    assert browser.get("/dashboard/").context["shell"].tenant == "Harbour Clinic"


def test_nav_lists_only_what_the_role_may_open(make_operator, sign_in):
    browser = sign_in(make_operator(role=Role.VIEWER))

    shell = browser.get("/dashboard/").context["shell"]

    assert [room.label for group in shell.groups for room in group.rooms] == [
        "Overview",
        "Memories",
        "Entities",
        "Jobs",
        "Help",
    ]


def test_find_leads_to_the_exact_entity(browser, store):
    store.add("I like tea.", user_id="ada")
    store.add("I like rum.", user_id="adam")

    answer = browser.post("/dashboard/find/", {"q": "ada"}, follow=True)

    assert answer.context["entity"].external_id == "ada"


def test_find_leads_to_a_memory(browser, store):
    [memory_id] = store.add("I like tea.")

    assert (
        browser.post("/dashboard/find/", {"q": str(memory_id)}).url
        == f"/dashboard/memories/{memory_id}/"
    )


def test_find_lists_what_has_the_part(browser, store):
    store.add("I like tea.", user_id="ada")
    store.add("I like rum.", agent_id="adaptor")

    found = browser.post("/dashboard/find/", {"q": "ad"}).context["found"]

    assert [(row.kind, row.external_id) for row in found.rows] == [
        ("user", "ada"),
        ("agent", "adaptor"),
    ]


def test_palette_offers_a_memory_rooms_and_entities(browser, store):
    [memory_id] = store.add("I like tea.", user_id="ada")
    store.add("I like rum.", agent_id="adaptor")
    headers = {"HX-Request": "true", "HX-Target": "palette"}

    def offer(asked):
        answer = browser.post("/dashboard/find/", {"q": asked}, headers=headers)
        assert b"<html" not in answer.content
        return [(line.label, line.kind) for line in answer.context["lines"]]

    assert offer("ad") == [("adaptor", "agent"), ("ada", "user")]
    assert offer("memories") == [
        ("Memories", "room"),
        ("How memories are found", "help"),
        ("Bringing memories over", "help"),
    ]
    assert offer(str(memory_id)) == [("Memory with this id", "memory")]
    assert offer(" ") == []


def test_components_show_themselves(browser):
    answer = browser.get("/dashboard/components/")

    assert answer.status_code == 200
    assert b"Every part that a page is made of" in answer.content


def test_boosted_link_swaps_the_page(browser):
    answer = browser.get("/dashboard/", headers={"HX-Request": "true", "HX-Target": "page"})

    page = answer.content.decode()
    assert page.startswith("<title>")
    assert "<html" not in page
    assert 'id="page"' in page
    assert 'data-room="Overview"' in page
    assert 'id="nav"' not in page


def test_no_template_has_inline_style_or_script(browser, store):
    [memory_id] = store.add("I like tea.")
    addresses = ["/dashboard/", "/dashboard/components/", f"/dashboard/memories/{memory_id}/"]
    pages = "".join(browser.get(address).content.decode() for address in addresses)

    assert " style=" not in pages
    assert "hx-on" not in pages
    assert "<script>" not in pages
    assert "onclick" not in pages


def test_unknown_page_has_the_request_id(browser):
    answer = browser.get("/dashboard/nothing/")

    assert answer.status_code == 404
    assert answer["X-Request-ID"] in answer.content.decode()


def test_sign_in(make_operator, password):
    make_operator()
    browser = Client()

    answer = browser.post(
        "/accounts/login/", {"login": "ines.moreau@halden.example", "password": password}
    )

    assert (answer.status_code, answer.url) == (302, "/dashboard/")


@pytest.mark.parametrize("email", ["ines.moreau@halden.example", "unknown@halden.example"])
def test_wrong_email_and_wrong_password_are_told_alike(make_operator, email):
    make_operator()

    page = Client().post("/accounts/login/", {"login": email, "password": "wrong"}).content.decode()

    assert "The e-mail or the password is wrong" in page
    assert "<title>Error: Sign in" in page


def test_lock_says_until_when(make_operator, password):
    make_operator()
    browser = Client()
    data = {"login": "ines.moreau@halden.example", "password": "wrong"}
    for _ in range(5):
        browser.post("/accounts/login/", data)

    page = browser.post("/accounts/login/", data | {"password": password}).content.decode()

    assert "Sign-in for this e-mail is locked until " in page


def test_sign_out(browser):
    browser.post("/accounts/logout/")

    assert browser.get("/dashboard/").status_code == 302
