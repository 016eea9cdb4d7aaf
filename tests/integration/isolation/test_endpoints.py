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

PATH_IDS = re.compile(r"<(?:uuid|any|str|int):(\w+)>")
# What a name in a path stands for. One that is missing here is asked with ids of every kind.
MEANT = {
    "entity_id": tuple(EntityKind.values),
    "event_id": ("event", "job"),
    "export_id": ("export",),
    "job_id": ("job",),
    "key_id": ("key",),
    "memory_id": ("memory", "changed", "deleted"),
    "operator_id": ("operator",),
    "purge_id": ("purge",),
    "request_id": ("request",),
    "webhook_id": ("webhook",),
}


def make_path(route):
    """A path of the route, with a slot where an id stands."""
    path = "/" + PATH_IDS.sub("{id}", route)
    words = {"<kind:kind>": EntityKind.USER, "<move:move>": "verify", "<page:slug>": "rooms"}
    for slot, word in words.items():
        path = path.replace(slot, word)
    return path


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


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once: whatever is asked is undone. Time stands still, so that answers can be compared."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel("2026-05-04T10:20:30Z", tick=False),
        undone(),
    ):
        ours, theirs = (make_side(word) for word in ("meerkat", "quokka"))
        yield SimpleNamespace(ours=ours, theirs=theirs, unknown=make_unknown())


def send(side, method, path, ask, values):
    """By the tenant's application, or its operator's browser."""
    url, (content_type, body) = ask.url(path, values), ask.payload(values)
    client = side.open_browser() if url.startswith("/dashboard/") else Client(headers=side.headers)
    return client.generic(method, url, body, content_type)


UUIDS = re.compile(r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<="id":)\d+')  # or a number
TOKENS = re.compile(r"""(csrfmiddlewaretoken" value="|X-CSRFToken": "|mhk_)[\w-]+(?:…[\w-]+)?""")
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
    meant = MEANT.get(" ".join(PATH_IDS.findall(route)))

    def ask_for(ask, values):
        with undone():
            answer = send(asking, method, path, ask, own | values)
            look()
            return read(answer, values)

    for ask in list_asks(method, route):
        slots = ask.slots(path)
        unknown = ask_for(ask, {slot: world.unknown[slot] for slot in slots})
        for name, values in list_values(world.theirs, slots, meant if ask == Ask() else None):
            yield f"{path} {ask} {name}", ask_for(ask, values), unknown


def list_values(side, slots, meant):
    """Each of the side's values for the slot of an ask, which has one kind of them or none."""
    given = {"id": side.ids, "name": side.names}
    if not slots:
        yield "", {}
    for slot in slots:
        for name, value in given[slot].items():
            if meant is None or name in meant:
                yield name, {slot: str(value)}


def find_canaries(text, side):
    return {canary for canary in side.canaries if canary in text}


@pytest.mark.parametrize(("method", "route"), ASKED)
def test_another_tenants_ids_are_unknown_ids(world, method, route):
    before = dump_rows(world.theirs.tenant.id, is_alone=True)

    def look():
        assert method == "GET" or dump_rows(world.theirs.tenant.id, is_alone=True) == before

    for asked, theirs, unknown in compare(world.ours, world, method, route, look=look):
        assert number_ids(theirs) == number_ids(unknown), asked
        assert find_canaries(theirs, world.theirs) == set(), asked


# Routes without an id in their path that tell the owner of what a query or a body names.
BY_BODY = {
    ("GET", "v1/ping/"),  # its organisation is the tenant
    ("POST", "v3/memories/search/"),
    ("POST", "v3/memories/"),
    ("GET", "v1/entities/"),  # lists the name that was asked with
    ("POST", "v2/memories/search/"),
    ("POST", "v2/memories/"),
    ("POST", "v1/memories/search/"),
    ("PUT", "v1/batch/"),
    ("DELETE", "v1/batch/"),
    ("POST", "v1/feedback/"),
    ("GET", "v1/memories/"),
    ("GET", "memories"),
    ("GET", "memories/"),
    ("POST", "search"),
    ("POST", "search/"),
    ("GET", "api/v1/audit/events/"),
    ("POST", "api/v1/privacy/requests/"),
    ("POST", "api/v1/recall/"),
    ("GET", "dashboard/find/"),
    ("POST", "dashboard/find/"),
    ("POST", "dashboard/entities/<kind:kind>/"),
    ("POST", "dashboard/memories/chosen/delete/"),
    ("POST", "dashboard/memories/chosen/expire/"),
    ("POST", "dashboard/requests/new/"),
    ("GET", "dashboard/audit/"),
    ("GET", "dashboard/jobs/"),
    ("POST", "dashboard/memories/"),
    ("POST", "dashboard/memories/reveal/"),
    ("POST", "dashboard/memories/export/"),
    ("POST", "dashboard/playground/"),
    ("POST", "dashboard/playground/reveal/"),
}
# Routes that answer even the owner alike, whatever is in their path, and why.
SILENT = {
    "accounts/<str:provider_id>/login/": "no provider is set",
    "accounts/<str:provider_id>/login/callback/": "no provider is set",
    "accounts/passkey/<int:pk>/remove/": "nobody here has one",
    "api/v1/webhooks/<str:webhook_id>/": "takes a number",
    "api/v1/privacy/requests/<str:request_id>/certificate/": "there is none yet",
    "api/v1/privacy/requests/<str:request_id>/download/": "there is none yet",
    "dashboard/exports/<uuid:export_id>/download/": "it is not written yet",
    "dashboard/entities/<uuid:entity_id>/hold/": "leads to the entity's page",
    "dashboard/instance/audit/<uuid:event_id>/": "shows events of no tenant",
    "dashboard/instance/audit/<uuid:event_id>/reveal/": "shows events of no tenant",
    "dashboard/jobs/<uuid:job_id>/retry/": "leads to the job's page",
    "dashboard/requests/<uuid:request_id>/certificate/": "there is none yet",
    "dashboard/requests/<uuid:request_id>/download/": "there is none yet",
    "dashboard/requests/<uuid:request_id>/<move:move>/": "leads to the request's page",
    "dashboard/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/retry/": "takes two ids",
    "invitation/<str:token>/": "takes a secret",
    "person/<str:token>/": "takes a secret",
    "v2/profiles/jobs/<any:job_id>/": "there are none",
}
POSTED = {  # and a GET shows nothing
    "dashboard/jobs/<uuid:job_id>/reveal/",
    "dashboard/requests/<uuid:request_id>/link/",
    "dashboard/webhooks/<uuid:webhook_id>/test/",
}


def test_sweep_would_find_what_is_shown(world):
    """What shows that it can fail: asked by their own application and operator it finds leaks."""
    with_ids = {(method, route) for method, route in ASKED if "{id}" in make_path(route)}
    silent = {(method, route) for method, route in with_ids if route in SILENT}
    silent |= {("GET", route) for route in POSTED}
    silent |= {("DELETE", "v2/entities/<str:kind>/<any:name>/")}  # of nothing is done as well
    telling, shown = set(), set()
    for method, route in ASKED:
        for _, theirs, unknown in compare(world.theirs, world, method, route):
            shown |= find_canaries(theirs, world.theirs)
            if number_ids(theirs) != number_ids(unknown):
                telling.add((method, route))
                break

    assert telling == with_ids - silent | BY_BODY
    assert {word for word in world.theirs.canaries if not UUIDS.fullmatch(word)} - shown == set()
