"""/dashboard/operators/ and what is under it"""

import re

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.tenants.domain.invitations import find_invitation, invite_operator
from apps.tenants.domain.memberships import grant_membership
from apps.tenants.enums import Role

ROOM, INVITE = "/dashboard/operators/", "/dashboard/operators/invite/"
FORM = {"email": "new@halden.example", "role": "editor"}


@pytest.fixture
def owner(make_operator):
    return make_operator(name="Ines Moreau")


@pytest.fixture
def browser(owner, sign_in):
    return sign_in(owner)


@pytest.fixture
def editor(owner, make_operator):
    return make_operator("editor@halden.example", role=Role.EDITOR)


def role_of(operator):
    return list(operator.memberships.values_list("tenant__slug", "role"))


def list_events(tenant, actor):
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(actor_id=actor.id).order_by("id")
        return list(events.values_list("action", "target_id", "facts"))


def make_link(browser, **fields):
    return browser.post(INVITE, FORM | fields).context["link"]


def token_of(link):
    return link.rstrip("/").rpartition("/")[2]


def path_of(link):
    return f"/invitation/{token_of(link)}/"


def test_room_shows_people_and_invitations(browser, owner, editor, other_tenant, tenant):
    stranger = Operator.objects.create(email="stranger@halden.example")
    grant_membership(operator=stranger, tenant=other_tenant, role=Role.OWNER, by=SYSTEM)
    invite_operator(tenant=tenant, email="new@halden.example", role=Role.OWNER, by=SYSTEM)

    answer = browser.get(ROOM)

    assert [(row.name, row.role, row.is_self) for row in answer.context["members"]] == [
        ("editor@halden.example", "editor", False),
        ("Ines Moreau", "owner", True),
    ]
    assert [(row.email, row.word) for row in answer.context["invitations"]] == [
        ("new@halden.example", "not used yet")
    ]
    assert "stranger@halden.example" not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_room_costs_the_same_with_more(
    browser, tenant, make_operator, count, django_assert_num_queries
):
    for number in range(count):
        make_operator(f"more-{number}@halden.example")
        invite_operator(
            tenant=tenant, email=f"new-{number}@halden.example", role=Role.OWNER, by=SYSTEM
        )

    with django_assert_num_queries(11):
        browser.get(ROOM)


def test_link_is_shown_once_and_lets_somebody_in(browser, owner, tenant, password):
    answer = browser.post(INVITE, FORM)
    link = answer.context["link"]

    assert link.startswith("http://testserver/invitation/")
    assert answer.content.decode().count(link) == 2
    assert token_of(link) not in browser.get(ROOM).content.decode()
    assert mail.outbox == []

    guest = Client()
    page = guest.get(path_of(link)).content.decode()
    assert "Ines Moreau invites you as editor." in page
    made = guest.post(path_of(link), {"name": "Nia", "password": password})
    assert "Your account is made" in made.content.decode()
    new = Operator.objects.get(email="new@halden.example")
    assert (new.name, role_of(new)) == ("Nia", [(tenant.slug, "editor")])
    signed_in = guest.post("/accounts/login/", {"login": new.email, "password": password})
    assert signed_in.url == "/dashboard/"
    [created] = list_events(tenant, owner)
    assert (created[0], created[2]) == ("invitation.create", {"role": "editor"})


def test_used_link_answers_as_one_that_never_was(browser, password):
    link = make_link(browser)
    guest = Client()
    guest.post(path_of(link), {"name": "Nia", "password": password})

    answers = [guest.get(path_of(link)), guest.get("/invitation/never-was/")]

    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [re.sub(r'X-CSRFToken": "\w+', "", answer.content.decode()) for answer in answers]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "password": "x"}, "name"),
        ({"name": "Nia", "password": "12345678"}, "password"),
    ],
)
def test_wrong_input_of_a_guest_uses_nothing_up(browser, form, field):
    link = make_link(browser)

    answer = Client().post(path_of(link), form)

    assert field in answer.context["form"].errors
    assert find_invitation(token_of(link)).email == "new@halden.example"


def test_who_has_an_account_joins_with_it(browser, sign_in, make_operator, tenant, other_tenant):
    known = make_operator("known@halden.example", tenant=other_tenant, role=Role.VIEWER)
    link = make_link(browser, email="known@halden.example")
    theirs = sign_in(known)

    assert b"with the account you are signed in with" in theirs.get(path_of(link)).content
    assert role_of(known) == [(other_tenant.slug, "viewer")]
    answer = theirs.post(path_of(link), follow=True)

    assert answer.context["shell"].tenant == tenant.name
    assert sorted(role_of(known)) == sorted(
        [(other_tenant.slug, "viewer"), (tenant.slug, "editor")]
    )


def test_link_for_another_address_lets_nobody_in(browser, sign_in, make_operator, other_tenant):
    other = make_operator("other@halden.example", tenant=other_tenant)
    link = make_link(browser)

    page = sign_in(other).post(path_of(link)).content.decode()

    assert "The invitation is for another e-mail address." in page
    assert role_of(other) == [(other_tenant.slug, "owner")]


def test_guest_with_an_account_is_told_to_sign_in(browser, make_operator, other_tenant, password):
    make_operator("known@halden.example", tenant=other_tenant)
    link = make_link(browser, email="known@halden.example")

    page = Client().post(path_of(link), {"name": "X", "password": password}).content.decode()

    assert "An operator with this e-mail address exists" in page


def test_link_is_mailed_where_mail_is_configured(browser, settings):
    settings.HAS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "hub@halden.example"

    answer = browser.post(INVITE, FORM | {"mail": "1"})

    [letter] = mail.outbox
    assert (letter.to, letter.from_email) == (["new@halden.example"], "hub@halden.example")
    assert answer.context["link"] in letter.body
    assert "<b>Mailed</b>" in answer.content.decode()


def test_link_is_not_mailed_unasked_or_without_mail(browser, settings):
    settings.HAS_MAIL = True
    browser.post(INVITE, FORM)
    settings.HAS_MAIL = False
    browser.post(INVITE, FORM | {"mail": "1"})

    assert mail.outbox == []
    assert "Mail the link" not in browser.get(INVITE).content.decode()


def test_mail_server_that_fails_is_told_and_the_link_is_there(browser, settings, unused_tcp_port):
    settings.HAS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "hub@halden.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_tcp_port

    answer = browser.post(INVITE, FORM | {"mail": "1"})

    assert "The mail server did not take it." in answer.content.decode()
    assert find_invitation(token_of(answer.context["link"])).role == "editor"


@pytest.fixture
def unused_tcp_port():
    from tests.integration.server import free_port

    return free_port()


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"email": "nobody"}, {"email": ["Enter an e-mail, such as name@example.org"]}),
        ({"role": ""}, {"role": ["Choose a role"]}),
        (
            {"email": "ines.moreau@halden.example"},
            {"email": ["This operator is in the tenant already"]},
        ),
    ],
)
def test_wrong_invitation_is_said_at_its_field(browser, tenant, wrong, errors):
    answer = browser.post(INVITE, FORM | wrong)

    assert dict(answer.context["form"].errors) == errors
    assert tenant.invitations.count() == 0


@pytest.mark.parametrize("path", [INVITE, "role"])
def test_what_gives_access_wants_a_recent_sign_in(owner, editor, sign_in, tenant, path):
    path = path if path == INVITE else f"/dashboard/operators/{editor.id}/role/"

    answer = sign_in(owner, is_recent=False).post(path, FORM)

    assert answer.url.startswith("/accounts/reauthenticate/?next=/dashboard/operators/")
    assert (tenant.invitations.count(), role_of(editor)) == (0, [(tenant.slug, "editor")])


def test_withdrawn_invitation_is_gone(browser, tenant):
    link = make_link(browser)
    invitation = tenant.invitations.get()
    path = f"/dashboard/operators/invitations/{invitation.id}/withdraw/"

    assert "Withdraw the invitation of new@" in browser.get(path).content.decode()
    assert browser.post(path).url == ROOM

    assert Client().get(path_of(link)).status_code == 404
    assert browser.get(ROOM).context["invitations"] == []
    assert browser.post(path).status_code == 404


def test_role_is_changed_and_acts_at_once(browser, editor, sign_in, tenant, owner):
    theirs = sign_in(editor)
    assert theirs.get(ROOM).status_code == 403

    answer = browser.post(f"/dashboard/operators/{editor.id}/role/", {"role": "privacy_officer"})

    assert answer.url == ROOM
    assert theirs.get(ROOM).status_code == 200
    event = ("membership.grant", editor.id, {"role": "privacy_officer"})
    assert list_events(tenant, owner) == [event]


def test_removed_operator_is_out_at_once(browser, editor, sign_in, tenant, owner):
    path = f"/dashboard/operators/{editor.id}/remove/"
    theirs = sign_in(editor)

    assert "Remove editor@halden.example from Harbour Clinic?" in browser.get(path).content.decode()
    assert browser.post(path).url == ROOM

    assert theirs.get("/dashboard/").status_code == 403
    assert list_events(tenant, owner) == [("membership.remove", editor.id, {"role": "editor"})]


@pytest.mark.parametrize("what", ["role", "remove"])
def test_last_owner_is_not_locked_out(browser, owner, editor, what):
    path = f"/dashboard/operators/{owner.id}/{what}/"

    page = browser.post(path, {"role": "viewer"}, follow=True).content.decode()

    assert "Ines Moreau is the last owner of Harbour Clinic." in page
    assert browser.get(ROOM).status_code == 200


def test_owner_who_steps_down_lands_on_an_open_page(browser, owner, make_operator):
    make_operator("second@halden.example")

    answer = browser.post(f"/dashboard/operators/{owner.id}/role/", {"role": "viewer"}, follow=True)

    assert answer.status_code == 200
    assert "Ines Moreau is viewer now" in answer.content.decode()


def test_operators_of_other_tenants_are_unknown(browser, make_operator, other_tenant):
    stranger = make_operator("stranger@halden.example", tenant=other_tenant)

    for what in ("role", "remove"):
        path = f"/dashboard/operators/{stranger.id}/{what}/"
        assert browser.post(path, {"role": "viewer"}).status_code == 404

    assert role_of(stranger) == [(other_tenant.slug, "owner")]


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.PRIVACY_OFFICER, 200), (Role.EDITOR, 403), (Role.VIEWER, 403)]
)
def test_only_owners_manage(owner, make_operator, sign_in, role, sees):
    browser = sign_in(make_operator("other@halden.example", role=role))

    assert browser.get(ROOM).status_code == sees
    assert browser.get(INVITE).status_code == 403
    assert browser.get(f"/dashboard/operators/{owner.id}/role/").status_code == 403
    if sees == 200:
        assert "Invite…" not in browser.get(ROOM).content.decode()
