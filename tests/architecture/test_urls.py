"""Every route, walked: what answers without a sign-in or a key is listed."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from rest_framework.views import APIView

OPEN = {
    "healthz": "for load balancers, no details",
    "readyz": "for load balancers, no details",
    r"^(?:v\d+|api)/": "answers 404 to everybody",
    "api/schema/": "says how the API is called, the same on every server",
    "api/docs/": "the same, as a page",
    "person/": "asks for the cookie of a link, not for a sign-in",
    "person/copy/": "the same",
    "person/<str:token>/": "asks for a token that was sent",
    "": "redirects to the dashboard",
    "dashboard": "redirects to the dashboard",
    "accounts/login/": "where one signs in",
    "accounts/logout/": "ends a session, or redirects",
    "invitation/<str:token>/": "whoever has the link of an invitation",
    "accounts/passkey/": "where one signs in with a passkey",
    "accounts/factor/": "second step of a sign-in",
    "accounts/<str:provider_id>/login/": "leads to the provider of single sign-on, or 404",
    "accounts/<str:provider_id>/login/callback/": "where it comes back, or 404",
    "accounts/cancelled/": "leads to the sign-in",
    "accounts/factors/": "leads to the account page",
    "accounts/passkeys/": "leads to the account page",
    "accounts/inactive/": "where a closed account lands",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from walk(pattern.url_patterns, route)


ROUTES = list(walk(get_resolver().url_patterns))
API = [
    (route, view.view_class)
    for route, view in ROUTES
    if issubclass(getattr(view, "view_class", object), APIView)
]
PAGES = [route for route, _ in ROUTES if route not in OPEN and route not in dict(API)]


def fill(route):
    """A path of this route."""
    unknown = "01990000-0000-7000-8000-000000000000"
    values = {
        "uuid": unknown,
        "path": unknown,
        "str": unknown,
        "kind": "user",
        "move": "verify",
        "page": "rooms",
    }
    return "/" + re.sub(r"<(\w+):\w+>", lambda match: values.get(match[1], "7"), route)


def test_walk_finds_the_routes():
    assert len(API) >= 8
    assert len(PAGES) >= 8
    assert OPEN.keys() <= {route for route, _ in ROUTES}


@pytest.mark.parametrize(
    ("route", "method"),
    [(route, method) for route, _ in API for method in METHODS],
)
@pytest.mark.parametrize("header", [None, "Token mhk_nothing", "Basic YTpi"])
def test_api_refuses_who_has_no_key(db, route, method, header):
    headers = {"Authorization": header} if header else {}

    answer = Client().generic(method, fill(route), b"{}", "application/json", headers=headers)

    assert answer.status_code == 401
    message = {"message"} if dict(API)[route].says_message else set()
    assert answer.json().keys() == {"detail", "error"} | message
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(("route", "view"), API, ids=str)
def test_api_view_names_a_scope_for_each_of_its_methods(route, view):
    methods = {name.upper() for name in view.http_method_names if hasattr(view, name)}

    assert view.scopes.keys() == methods - {"OPTIONS"}


@pytest.mark.parametrize("route", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_page_sends_who_is_not_signed_in_to_the_sign_in(db, route, method):
    answer = Client().generic(method, fill(route))

    assert answer.status_code in {302, 405}
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/", "/dashboard"])
def test_what_people_type_leads_to_the_dashboard(path):
    answer = Client().get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/dashboard/")
