"""Every route is asked with another tenant's ids: it answers as to ids that never existed."""

import re
from itertools import count
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client

from apps.memories.enums import EntityKind
from tests.architecture.test_urls import ROUTES
from tests.integration.isolation.asks import ASKS, GOVERNS, Ask
from tests.integration.isolation.worlds import make_side, make_unknown
from tests.support.committed import undone
from tests.support.kernel import dump_rows

PATH_IDS = re.compile(r"<(?:uuid|path|str|slug|int):\w+>")


def make_path(route):
    """A path of the route, with a slot where an id stands."""
    return "/" + PATH_IDS.sub("{id}", route).replace("<kind:kind>", EntityKind.USER).replace(
        "<move:move>", "verify"
    )


ASKED = [
    (method, route)
    for route, methods in ASKS.items()
    if isinstance(methods, dict)
    for method in methods
]


def list_asks(method, route):
    """An id in the path is enough to be asked about."""
    asks = ASKS[route][method]
    return [Ask(), *asks] if "{id}" in make_path(route) else asks


def methods_of(view):
    """Pages, some of which are classes of others, say nowhere which they take."""
    return set(getattr(getattr(view, "view_class", None), "scopes", ())) or {"GET", "POST"}


def test_every_route_is_asked():
    missing = [route for route, _ in ROUTES if route not in ASKS]

    assert missing == []
    assert ASKS.keys() == {route for route, _ in ROUTES}


def test_every_method_of_a_route_is_asked():
    asked = {route: set(methods) for route, methods in ASKS.items() if isinstance(methods, dict)}
    views = {route: methods_of(view) for route, view in ROUTES if route in asked}

    assert asked == views | {r"^(?:v\d+|api)/": {"GET", "POST", "PUT", "DELETE"}}


def test_every_route_that_is_not_asked_takes_no_id():
    silent = [
        route for route, methods in ASKS.items() if isinstance(methods, str) and methods != GOVERNS
    ]

    assert [route for route in silent if "<" in route] == []


@pytest.fixture(autouse=True)
def stopped_clock():
    with time_machine.travel("2026-05-04T10:20:30Z", tick=False):
        yield


@pytest.fixture
def world(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ours, theirs = (make_side(word) for word in ("meerkat", "quokka"))
    return SimpleNamespace(ours=ours, theirs=theirs, unknown=make_unknown())


def send(side, method, path, ask, values):
    """By the tenant's application, or its operator's browser."""
    url, (content_type, body) = ask.url(path, values), ask.payload(values)
    client = side.open_browser() if url.startswith("/dashboard/") else Client(headers=side.headers)
    return client.generic(method, url, body, content_type)


UUIDS = re.compile(r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<="id":)\d+')  # or a number
TOKENS = re.compile(r"""(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+""")
DURATIONS = re.compile(r"\b\d+(\.\d+)? ms")
CHANGING = {"X-Request-ID", "Content-Length"}


def read(answer, values):
    """Status, headers and body, but for the request's own id and what was asked for."""
    kept = {name: text for name, text in answer.headers.items() if name not in CHANGING}
    text = f"{answer.status_code} {sorted(kept.items())}\n{answer.content.decode()}"
    text = text.replace(answer.headers["X-Request-ID"], "REQUEST")
    for slot, value in values.items():
        text = text.replace(value, f"[{slot}]").replace(f"…{value[-4:]}", f"…[{slot}]")
    return DURATIONS.sub("MS", TOKENS.sub(r"\1TOKEN", text))


def number_ids(text):
    """Ids by the order in which they appear: those of new rows differ from request to request."""
    numbers, seen = count(), {}
    return UUIDS.sub(lambda found: f"id {seen.setdefault(found[0], next(numbers))}", text)


def compare(asking, world, method, route, *, look=lambda: None):
    """What was asked, the answer to each of their ids, and the answer to one that never was."""
    path, own = make_path(route), {"own": str(world.ours.ids["user"])}

    def ask_for(ask, values):
        with undone():
            answer = send(asking, method, path, ask, own | values)
            look()
            return read(answer, values)

    for ask in list_asks(method, route):
        slots = ask.slots(path)
        unknown = ask_for(ask, {slot: world.unknown[slot] for slot in slots})
        for name, values in list_values(world.theirs, slots):
            yield f"{path} {ask} {name}", ask_for(ask, values), unknown


def list_values(side, slots):
    """Each of the side's values for the slot of an ask, which has one kind of them or none."""
    given = {"id": side.ids, "name": side.names}
    if not slots:
        yield "", {}
    for slot in slots:
        for name, value in given[slot].items():
            yield name, {slot: str(value)}


def find_canaries(text, side):
    return {canary for canary in side.canaries if canary in text}


@pytest.mark.parametrize(("method", "route"), ASKED)
def test_another_tenants_ids_are_unknown_ids(world, method, route):
    before = dump_rows(world.theirs.tenant.id)

    def look():
        assert dump_rows(world.theirs.tenant.id) == before

    for asked, theirs, unknown in compare(world.ours, world, method, route, look=look):
        assert number_ids(theirs) == number_ids(unknown), asked
        assert find_canaries(theirs, world.theirs) == set(), asked


TELLING = {
    ("GET", "v1/ping/"),  # its organisation is the tenant
    ("POST", "v3/memories/search/"),
    ("POST", "v3/memories/"),
    ("GET", "v1/memories/<path:memory_id>/history/"),
    ("GET", "v1/memories/<path:memory_id>/"),
    ("PUT", "v1/memories/<path:memory_id>/"),
    ("DELETE", "v1/memories/<path:memory_id>/"),
    ("GET", "v1/entities/"),  # lists the name that was asked with
    ("POST", "v2/memories/search/"),
    ("POST", "v2/memories/"),
    ("POST", "v1/memories/search/"),
    ("GET", "v1/memories/user/<path:name>/"),
    ("GET", "v1/memories/agent/<path:name>/"),
    ("GET", "v1/memories/app/<path:name>/"),
    ("GET", "v1/memories/run/<path:name>/"),
    ("PUT", "v1/batch/"),
    ("DELETE", "v1/batch/"),
    ("DELETE", "v1/entities/<str:kind>/<path:entity_id>/"),
    ("GET", "v2/entities/user/<path:name>/profile/"),
    ("GET", "v2/entities/<str:kind>/<path:name>/"),
    ("POST", "v1/feedback/"),
    ("GET", "api/v1/orgs/organizations/<str:org_id>/"),
    ("DELETE", "api/v1/orgs/organizations/<str:org_id>/"),
    ("POST", "api/v1/orgs/organizations/<str:org_id>/members/"),
    ("PUT", "api/v1/orgs/organizations/<str:org_id>/members/"),
    ("DELETE", "api/v1/orgs/organizations/<str:org_id>/members/"),
    ("GET", "api/v1/orgs/organizations/<str:org_id>/projects/"),
    ("POST", "api/v1/orgs/organizations/<str:org_id>/projects/"),
    ("GET", "api/v1/orgs/organizations/<str:org_id>/projects/<str:project_id>/"),
    ("DELETE", "api/v1/orgs/organizations/<str:org_id>/projects/<str:project_id>/"),
    ("POST", "api/v1/orgs/organizations/<str:org_id>/projects/<str:project_id>/members/"),
    ("PUT", "api/v1/orgs/organizations/<str:org_id>/projects/<str:project_id>/members/"),
    ("DELETE", "api/v1/orgs/organizations/<str:org_id>/projects/<str:project_id>/members/"),
    ("GET", "v1/memories/"),
    ("GET", "memories"),
    ("GET", "memories/"),
    ("POST", "search"),
    ("POST", "search/"),
    ("GET", "memories/<path:memory_id>"),
    ("PUT", "memories/<path:memory_id>"),
    ("DELETE", "memories/<path:memory_id>"),
    ("GET", "memories/<path:memory_id>/"),
    ("PUT", "memories/<path:memory_id>/"),
    ("DELETE", "memories/<path:memory_id>/"),
    ("GET", "memories/<path:memory_id>/history"),
    ("GET", "memories/<path:memory_id>/history/"),
    ("GET", "dashboard/find/"),
    ("POST", "dashboard/find/"),
    ("POST", "dashboard/entities/<kind:kind>/"),
    ("GET", "dashboard/entities/<uuid:entity_id>/"),
    ("POST", "dashboard/entities/<uuid:entity_id>/"),
    ("GET", "dashboard/memories/<uuid:memory_id>/"),
    ("POST", "dashboard/memories/<uuid:memory_id>/"),
    ("GET", "dashboard/keys/<uuid:key_id>/revoke/"),
    ("POST", "dashboard/keys/<uuid:key_id>/revoke/"),
    ("GET", "dashboard/operators/<uuid:operator_id>/role/"),
    ("POST", "dashboard/operators/<uuid:operator_id>/role/"),
    ("GET", "dashboard/operators/<uuid:operator_id>/remove/"),
    ("POST", "dashboard/operators/<uuid:operator_id>/remove/"),
    ("GET", "dashboard/operators/invitations/<uuid:invitation_id>/withdraw/"),
    ("POST", "dashboard/operators/invitations/<uuid:invitation_id>/withdraw/"),
    ("GET", "dashboard/account/sessions/<int:session_id>/end/"),
    ("POST", "dashboard/account/sessions/<int:session_id>/end/"),
    ("GET", "dashboard/audit/"),
    ("GET", "dashboard/audit/<uuid:event_id>/"),
    ("POST", "dashboard/audit/<uuid:event_id>/"),
    ("POST", "dashboard/audit/<uuid:event_id>/reveal/"),
    ("GET", "dashboard/instance/audit/<uuid:event_id>/"),  # each page names the chosen tenant's id
    ("POST", "dashboard/instance/audit/<uuid:event_id>/"),
    ("POST", "dashboard/instance/audit/<uuid:event_id>/reveal/"),
    *(
        (method, f"dashboard/{route}")
        for method in ("GET", "POST")
        for route in (
            "entities/<uuid:entity_id>/erase/",
            "requests/<uuid:request_id>/",
            "requests/<uuid:request_id>/certificate/",
        )
    ),
    ("POST", "dashboard/memories/"),
    ("POST", "dashboard/playground/"),
    *(
        (method, f"dashboard/memories/<uuid:memory_id>/{act}/")
        for method in ("GET", "POST")
        for act in ("edit", "expire", "delete")
    ),
    ("POST", "dashboard/requests/<uuid:request_id>/link/"),
    *(  # not found, but the page around it holds the id of its tenant, which is asked for, too
        (method, f"dashboard/telemetry/sent/<uuid:report_id>/{end}")
        for method in ("GET", "POST")
        for end in ("", "body/")
    ),
}


def test_sweep_would_find_what_is_shown(world):
    """What shows that it can fail: asked by their own application and operator it finds leaks."""
    telling, shown = set(), set()
    for method, route in ASKED:
        for _, theirs, unknown in compare(world.theirs, world, method, route):
            shown |= find_canaries(theirs, world.theirs)
            if number_ids(theirs) != number_ids(unknown):
                telling.add((method, route))

    assert telling == TELLING
    assert shown == set(world.theirs.canaries)
