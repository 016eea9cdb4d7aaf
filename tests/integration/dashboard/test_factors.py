"""Authenticator app and recovery codes: adding, signing in with, removing."""

import html
import json
import time

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.test import Client

from apps.audit.models import AuditEvent
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from tests.support.kernel import dump_rows, find_plain
from tests.support.sign_ins import prove_sign_in

APP, CODES, FACTOR = "/accounts/factor/app/", "/accounts/factor/codes/", "/accounts/factor/"


@pytest.fixture
def operator(make_operator):
    return make_operator()


@pytest.fixture
def browser(operator, sign_in):
    return sign_in(operator)


def code_of(secret, *, later=0):
    return format_hotp_value(hotp_value(secret, int(time.time() + later) // 30))


def add_app(browser):
    secret = browser.get(APP).context["form"].secret
    assert browser.post(APP, {"code": code_of(secret)}).url == CODES
    return secret


def list_events(*names):
    with tenant_scope(INSTANCE_TENANT_ID):
        events = AuditEvent.objects.filter(action__in=names).order_by("id")
        return list(events.values_list("action", "actor_id", "target_id", "facts"))


def begin(operator, password):
    """A guest who has given the password, and where that leads."""
    guest = Client()
    answer = guest.post("/accounts/login/", {"login": operator.email, "password": password})
    return guest, answer.url


def test_app_is_added_and_codes_are_shown_once(browser, operator):
    page = browser.get(APP)
    assert b'<svg class="code"' in page.content
    secret = page.context["form"].secret
    assert f"<code>{secret}</code>" in page.content.decode()

    add_app(browser)
    first, second = browser.get(CODES), browser.get(CODES)

    codes = first.context["unused_codes"]
    assert (len(codes), all(code in first.content.decode() for code in codes)) == (10, True)
    assert "10 of 10 are left." in second.content.decode()
    assert [code for code in codes if code in second.content.decode()] == []
    added = ("factor.add", operator.id, operator.id)
    assert list_events("factor.add") == [
        (*added, {"kind": "totp"}),
        (*added, {"kind": "recovery_codes"}),
    ]


def test_secret_is_sealed(browser):
    secret = add_app(browser)

    dump = dump_rows(INSTANCE_TENANT_ID)

    assert len(dump["mfa.Authenticator"]) >= 2
    assert find_plain({"mfa.Authenticator": dump["mfa.Authenticator"]}, secret) == set()


def test_wrong_code_adds_nothing(browser, operator):
    secret = browser.get(APP).context["form"].secret

    answer = browser.post(APP, {"code": "000000" if code_of(secret) != "000000" else "1"})

    assert answer.context["form"].errors == {
        "code": ["The code is wrong, was used already, or is too old"]
    }
    assert answer.context["form"].secret == secret
    assert operator.authenticator_set.count() == 0


def test_app_without_its_event_is_not_added(browser, operator, monkeypatch):
    secret = browser.get(APP).context["form"].secret

    def fail(rows):
        raise RuntimeError("the event can't be written")

    monkeypatch.setattr("apps.audit.domain.events._insert_events", fail)
    with pytest.raises(RuntimeError):
        browser.post(APP, {"code": code_of(secret)})

    assert operator.authenticator_set.count() == 0


def test_sign_in_wants_the_code(browser, operator, password):
    secret = add_app(browser)
    guest, asked = begin(operator, password)

    assert asked == FACTOR
    assert guest.get("/dashboard/").status_code == 302
    assert "One of" not in guest.get(FACTOR).content.decode()
    wrong = guest.post(FACTOR, {"code": "nonsense"})
    assert "The code is wrong, was used already, or is too old" in wrong.content.decode()
    assert guest.post(FACTOR, {"code": code_of(secret)}).url == "/dashboard/"

    assert guest.get("/dashboard/").status_code == 200
    [failed] = list_events("login.failed")
    assert failed == ("login.failed", None, operator.id, {"reason": "wrong-code"})


def test_code_works_once(browser, operator, password):
    secret = add_app(browser)
    code = code_of(secret)
    with time_machine.travel(time.time(), tick=False):
        first, _ = begin(operator, password)
        assert first.post(FACTOR, {"code": code}).status_code == 302

        second, _ = begin(operator, password)
        assert second.post(FACTOR, {"code": code}).status_code == 200


def test_recovery_code_works_once(browser, operator, password):
    add_app(browser)
    code = browser.get(CODES).context["unused_codes"][0]

    first, _ = begin(operator, password)
    assert first.post(FACTOR, {"code": code}).status_code == 302
    second, _ = begin(operator, password)
    assert second.post(FACTOR, {"code": code}).status_code == 200

    assert "9 of 10 are left." in browser.get("/dashboard/account/").content.decode()


def test_guessing_codes_locks(browser, operator, password):
    secret = add_app(browser)
    guest, _ = begin(operator, password)
    for _ in range(5):
        guest.post(FACTOR, {"code": "nonsense"})

    answer = guest.post(FACTOR, {"code": code_of(secret)})

    assert "Too many tries. Wait some minutes, then try again" in answer.content.decode()
    assert guest.get("/dashboard/").status_code == 302


def test_confirming_by_code_is_recent(browser, operator, sign_in):
    secret = add_app(browser)
    old = sign_in(operator, is_recent=False)
    create = "/dashboard/keys/create/"

    answer = old.post("/accounts/factor/confirm/", {"code": code_of(secret), "next": create})

    assert (answer.url, old.get(create).status_code) == (create, 200)


def test_both_ways_to_confirm_are_offered(browser, operator, sign_in):
    add_app(browser)
    old = sign_in(operator, is_recent=False)

    assert b'href="/accounts/factor/confirm/"' in old.get("/accounts/reauthenticate/").content
    assert b'href="/accounts/reauthenticate/"' in old.get("/accounts/factor/confirm/").content


def test_removed_app_takes_the_codes_along(browser, operator, password):
    add_app(browser)

    assert "Remove the authenticator app?" in browser.get(f"{APP}remove/").content.decode()
    browser.post(f"{APP}remove/")

    assert begin(operator, password)[1] == "/dashboard/"
    removed = ("factor.remove", operator.id, operator.id)
    assert list_events("factor.remove") == [
        (*removed, {"kind": "totp"}),
        (*removed, {"kind": "recovery_codes"}),
    ]


def test_new_codes_end_the_old_ones(browser, operator, password):
    add_app(browser)
    old = browser.get(CODES).context["unused_codes"]

    assert "The 10 that are left stop working" in browser.get(f"{CODES}new/").content.decode()
    assert browser.post(f"{CODES}new/").url == CODES

    new = browser.get(CODES).context["unused_codes"]
    assert set(old) & set(new) == set()
    guest, _ = begin(operator, password)
    assert guest.post(FACTOR, {"code": old[0]}).status_code == 200
    assert guest.post(FACTOR, {"code": new[0]}).status_code == 302


@pytest.mark.parametrize(
    "path", [APP, f"{APP}remove/", CODES, f"{CODES}new/", "/accounts/passkey/add/"]
)
def test_factors_want_a_recent_sign_in(browser, operator, sign_in, path):
    if path not in {APP, "/accounts/passkey/add/"}:
        add_app(browser)
    old = sign_in(operator, is_recent=False)
    prove_sign_in(old, operator, at=time.time() - 15 * 60 - 1)

    answer = old.get(path)

    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/reauthenticate/?next=")


def test_lost_factors_are_removed_by_command(browser, operator, password, capsys):
    add_app(browser)

    call_command("remove_factors", email=" Ines.Moreau@Halden.example")

    assert "2 second factors" in capsys.readouterr().err
    assert begin(operator, password)[1] == "/dashboard/"
    kinds = [(row[1], row[3]["kind"]) for row in list_events("factor.remove")]
    assert sorted(kinds) == [(None, "recovery_codes"), (None, "totp")]


def test_lost_factors_are_removed_by_an_instance_owner(
    browser, operator, password, make_operator, sign_in
):
    add_app(browser)
    governor = make_operator("governor@halden.example", is_instance_owner=True)
    path = f"/dashboard/instance/operators/{operator.id}/"

    page = sign_in(governor).post(path, {"act": "factors"}, follow=True).content.decode()

    assert "2 second factors of ines.moreau@halden.example removed" in page
    assert begin(operator, password)[1] == "/dashboard/"
    assert {row[1] for row in list_events("factor.remove")} == {governor.id}


def test_passkey_page_holds_what_the_browser_needs(browser, operator):
    answer = browser.get("/accounts/passkey/add/")

    options = answer.context["js_data"]["creation_options"]["publicKey"]
    assert options["rp"] == {"name": "MemoryHub", "id": "testserver"}
    assert options["user"]["name"] == operator.email
    assert json.dumps(options["challenge"]) in html.unescape(answer.content.decode())


def test_nonsense_in_place_of_a_passkey_is_told(browser, operator):
    browser.get("/accounts/passkey/add/")

    answer = browser.post("/accounts/passkey/add/", {"name": "x", "credential": "{}"})

    assert answer.status_code == 200
    assert "data-trouble>No passkey was used" in answer.content.decode()
    assert operator.authenticator_set.count() == 0
