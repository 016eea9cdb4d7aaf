"""Keys, operators and the own account, as an owner walks through them."""

import re
import uuid

import pytest
from allauth.mfa.models import Authenticator

pytestmark = pytest.mark.needs("Chromium")

KEY = re.compile(r"mhk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")


def open_room(page, name):
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).wait_for()


def test_owner_creates_and_revokes_a_key(watched, sign_in):
    page, name = watched.page, f"app-{uuid.uuid4().hex[:6]}"
    sign_in(page)

    page.keyboard.press("g")
    page.keyboard.press("k")
    page.get_by_role("heading", name="API keys").wait_for()
    page.get_by_role("link", name="Create API key").click()
    page.get_by_role("button", name="Create API key").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_label("delete: delete memories").uncheck()
    page.get_by_role("button", name="Create API key").click()
    page.get_by_text("It is shown only here, only now.").wait_for()
    assert len(set(KEY.findall(page.content()))) == 1
    page.get_by_role("link", name="I have stored it").click()
    row = page.get_by_role("row", name=name)
    row.get_by_text("not used yet").wait_for()
    assert KEY.findall(page.content()) == []
    row.get_by_role("link", name="Revoke…").click()
    page.get_by_role("button", name="Revoke this key").click()
    page.locator("#toasts").get_by_text(f"Key {name} revoked").wait_for()

    assert page.get_by_role("row", name=name).get_by_text("revoked").count() == 1
    assert watched.complaints == []


def test_invited_person_joins(watched, sign_in, chromium, server):
    page, guest_email = watched.page, f"guest-{uuid.uuid4().hex[:8]}@halden.example"
    sign_in(page)

    open_room(page, "Operators")
    page.get_by_role("link", name="Invite…").click()
    page.get_by_label("E-mail").fill(guest_email)
    page.get_by_label("privacy officer").check()
    page.get_by_role("button", name="Make invitation").click()
    page.get_by_text("It is shown only here, only now.").wait_for()
    link = page.locator(".command code").inner_text()

    context = chromium.new_context(base_url=server.url)
    guest = context.new_page()
    guest.goto(link)
    guest.get_by_label("Name").fill("Nia Guest")
    guest.get_by_label("Password").fill("a long pass phrase, not a word")
    guest.get_by_role("button", name="Make account").click()
    guest.get_by_role("link", name="Sign in").click()
    guest.get_by_label("E-mail").fill(guest_email)
    guest.get_by_label("Password").fill("a long pass phrase, not a word")
    guest.get_by_role("button", name="Sign in").click()
    guest.get_by_role("heading", name="Overview").wait_for()
    assert guest.get_by_role("link", name="Audit trail").count() >= 1
    context.close()

    page.get_by_role("link", name="Back to the operators").click()
    page.get_by_role("row", name="Nia Guest").get_by_text("privacy officer").wait_for()
    assert watched.complaints == []


def test_passkey_opens_the_account_without_the_password(watched, sign_in, server, email):
    page = watched.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    local = server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{local}/dashboard/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("a long pass phrase, not a word")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()

    page.get_by_role("button", name="Account of").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Add a passkey…").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.get_by_role("link", name="I have stored them").click()
    page.get_by_text("Laptop").wait_for()
    page.context.clear_cookies()
    page.goto(f"{local}/dashboard/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Overview").wait_for()

    with server.blocker.unblock():
        [passkey] = Authenticator.objects.filter(user__email=email, type="webauthn")
    assert passkey.last_used_at is not None
    assert watched.complaints == []
