"""OpenID Connect against a provider on loopback."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from werkzeug import Response

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope

BEGIN, BACK = "/accounts/sso/login/", "/accounts/sso/login/callback/"
EMAIL = "ines.moreau@halden.example"
SIGNING = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def provider(httpserver, settings):
    """Answers as the person with these claims."""
    issuer = httpserver.url_for("").rstrip("/")
    claims = {"sub": "person-1", "email": EMAIL, "email_verified": True, "name": "Secret Name"}
    httpserver.expect_request("/.well-known/openid-configuration").respond_with_json(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/keys",
        }
    )

    def make_token(request):
        assert request.form["code_verifier"]
        terms = {"iss": issuer, "aud": "hub", "exp": time.time() + 60, "iat": time.time()}
        token = jwt.encode(terms | claims, SIGNING, algorithm="RS256")
        return Response(
            json.dumps({"access_token": "t", "token_type": "Bearer", "id_token": token}),
            content_type="application/json",
        )

    httpserver.expect_request("/token", method="POST").respond_with_handler(make_token)
    httpserver.expect_request("/userinfo").respond_with_handler(
        lambda _: Response(json.dumps(claims), content_type="application/json")
    )
    configure(settings, issuer)
    return claims


def configure(settings, issuer, **more):
    settings.HAS_SINGLE_SIGN_ON, settings.SINGLE_SIGN_ON_NAME = True, "Halden ID"
    app = {
        "provider_id": "sso",
        "name": "Halden ID",
        "client_id": "hub",
        "secret": "s",
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True, **more},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


def go(browser, target="/dashboard/"):
    """There and back again; the answer to coming back."""
    away = urlsplit(browser.get(BEGIN, {"next": target}).url)
    given = parse_qs(away.query)
    assert (away.path, given["code_challenge_method"]) == ("/authorize", ["S256"])
    return browser.get(BACK, {"code": "c", "state": given["state"][0]})


def list_events():
    names = ("login", "factor.add", "operator.create")
    with tenant_scope(INSTANCE_TENANT_ID):
        events = AuditEvent.objects.filter(action__in=names).order_by("id")
        return list(events.values_list("action", "target_id", "facts"))


def test_operator_signs_in(provider, make_operator):
    operator = make_operator()
    browser = Client()

    assert go(browser).url == "/dashboard/"

    assert browser.get("/dashboard/").status_code == 200
    assert list_events()[1:] == [
        ("factor.add", operator.id, {"kind": "single_sign_on"}),
        ("login", operator.id, {}),
    ]
    assert Operator.objects.get(id=operator.id).has_usable_password()


def test_second_time_the_identity_counts_and_not_the_e_mail(provider, make_operator):
    operator = make_operator()
    go(Client())
    provider["email"] = "renamed@halden.example"

    assert go(Client()).url == "/dashboard/"

    assert [row[1] for row in list_events() if row[0] == "login"] == [operator.id] * 2
    assert SocialAccount.objects.get().user_id == operator.id


def test_no_more_is_kept_than_the_identity(provider, make_operator):
    make_operator()
    go(Client())
    go(Client())

    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == ("person-1", {})
    assert SocialToken.objects.count() == 0


@pytest.mark.parametrize(
    "changed", [{"email": "stranger@halden.example"}, {"email_verified": False}, {"email": ""}]
)
def test_who_is_no_operator_does_not_get_in(provider, make_operator, changed):
    operator = make_operator()
    provider.update(changed)
    browser = Client()

    page = go(browser).content.decode()

    assert "No account here" in page
    assert browser.get("/dashboard/").status_code == 302
    assert [row[0] for row in list_events()] == ["operator.create"]
    assert operator.socialaccount_set.count() == 0


def test_provider_that_does_not_say_verified_can_be_trusted(
    provider, make_operator, settings, httpserver
):
    make_operator()
    del provider["email_verified"]
    assert "No account here" in go(Client()).content.decode()

    configure(settings, httpserver.url_for("").rstrip("/"), verified_email=True)

    assert go(Client()).url == "/dashboard/"


def test_switched_off_operator_does_not_get_in(provider, make_operator):
    operator = make_operator()
    Operator.objects.filter(id=operator.id).update(is_active=False)
    browser = Client()

    assert go(browser).url == "/accounts/inactive/"
    assert browser.get("/dashboard/").status_code == 302


def test_answer_to_another_browser_counts_nothing(provider, make_operator):
    make_operator()
    given = parse_qs(urlsplit(Client().get(BEGIN).url).query)
    browser = Client()

    answer = browser.get(BACK, {"code": "c", "state": given["state"][0]})

    assert answer.status_code == 401
    assert "Single sign-on did not work" in answer.content.decode()
    assert browser.get("/dashboard/").status_code == 302


def test_provider_that_does_not_answer_is_told(settings, db):
    configure(settings, "http://127.0.0.1:1")

    answer = Client().get(BEGIN)

    assert answer.status_code == 502
    assert "Single sign-on did not work" in answer.content.decode()


def test_who_has_nothing_else_confirms_there(provider, make_operator, sign_in):
    operator = make_operator()
    operator.set_unusable_password()
    operator.save()
    browser = sign_in(operator, is_recent=False)
    create = "/dashboard/keys/create/"

    asked = browser.get(create)
    assert asked.url == f"{BEGIN}?next=%2Fdashboard%2Fkeys%2Fcreate%2F"
    assert go(browser, create).url == create

    assert browser.get(create).status_code == 200


@pytest.mark.parametrize("is_on", [True, False])
def test_button_is_there_where_it_is_configured(settings, db, is_on):
    if is_on:
        configure(settings, "https://id.example")

    page = Client().get("/accounts/login/?next=/dashboard/audit/").content.decode()

    assert ("Continue with Halden ID" in page) is is_on
    assert (f'href="{BEGIN}?next=%2Fdashboard%2Faudit%2F"' in page) is is_on


def test_route_answers_404_where_it_is_not_configured(db):
    assert [Client().get(path).status_code for path in (BEGIN, BACK)] == [404, 404]
