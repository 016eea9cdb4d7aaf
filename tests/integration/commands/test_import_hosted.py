"""import_mem0 --hosted: against a server with mem0's wire, and against one that is in trouble."""

import json

import httpx
import pytest
from werkzeug import Response

from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.mem0 import hosted
from apps.memories.models import Memory
from apps.memories.queries.memories import read_memories
from apps.memories.queries.versions import list_versions
from apps.telemetry.models import OutboundHost
from tests.integration.commands.run import run
from tests.support.kernel import dump_rows, find, find_plain

ANYBODY = {"OR": [{f"{kind}_id": "*"} for kind in ("user", "agent", "app", "run")]}


@pytest.fixture
def far(server):
    """An application of a tenant of its own on the running server."""
    from tests.integration.server import make_server

    with server.blocker.unblock():
        place = make_server(server.url, server.blocker)
    headers = {"Authorization": f"Token {place.key}"}
    with httpx.Client(base_url=place.url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def bring(tenant, tmp_path):
    def bring(url, key, *more):
        file = tmp_path / "key"
        file.write_text(f"{key}\n")
        arguments = ("--hosted", url, "--key-file", str(file), *more)
        return run("import_mem0", "--tenant", tenant.slug, *arguments)

    return bring


def add(far, text, **fields):
    body = {"messages": [{"role": "user", "content": text}], "infer": False} | fields
    return far.post("/v3/memories/add/", json=body).raise_for_status().json()["results"][0]["id"]


def test_everything_is_brought_in_and_a_second_run_adds_nothing(far, bring, tenant, monkeypatch):
    monkeypatch.setattr(hosted, "PAGE", 2)
    coffee = add(far, "Ada drinks tea", user_id="al/ice å", metadata={"cup": "blue"})
    far.put(f"/v1/memories/{coffee}/", json={"text": "Ada drinks coffee"}).raise_for_status()
    ids = {
        "Ada drinks coffee": coffee,
        "Bob sleeps": add(far, "Bob sleeps", user_id="bob", agent_id="bot", run_id="r1"),
        "An app runs": add(far, "An app runs", app_id="shop", categories=["work"]),
        "It was spring": add(far, "It was spring", user_id="bob", expiration_date="2020-01-01"),
        "At nine": add(far, "At nine", run_id="r2", timestamp=1_600_000_000),
    }
    far.delete(f"/v1/memories/{add(far, 'A zebra', user_id='bob')}/").raise_for_status()
    key, url = far.headers["Authorization"].removeprefix("Token "), str(far.base_url)
    theirs = {text: far.get(f"/v1/memories/{ids[text]}/").json() for text in ids}

    code, out, err = bring(url, key)

    assert (code, out) == (
        0,
        "5 memories read: 5 stored, 0 here already, 0 repeated, 0 refused.\n",
    )
    assert err.splitlines()[-1] == "5 of 5 read, 5 stored"
    with tenant_scope(tenant.id):
        rows = read_memories(list(Memory.objects.values_list("id", flat=True)))
        versions = list_versions(coffee)
    assert {row.text: str(row.id) for row in rows} == ids
    for row in rows:
        their = theirs[row.text]
        assert row.metadata == their["metadata"]
        assert row.categories == their["categories"]
        assert [moment(row.created_at), moment(row.updated_at)] == [
            their["created_at"],
            their["updated_at"],
        ]
        assert str(row.expires_on) == str(their["expiration_date"])
        assert row.entity_names == {
            kind: their[f"{kind}_id"] for kind in EntityKind if their[f"{kind}_id"]
        }
    assert [(row.event, row.text) for row in versions] == [
        ("ADD", "Ada drinks tea"),
        ("UPDATE", "Ada drinks coffee"),
    ]
    assert find(tenant, "coffee", ANYBODY)[0] == "Ada drinks coffee"
    assert find_plain(dump_rows(tenant.id), "zebra") == set()
    [host] = OutboundHost.objects.filter(tenant_id=tenant.id)
    assert (host.host, host.purpose) == (far.base_url.netloc.decode(), "import")

    assert bring(url, key)[:2] == (
        0,
        "5 memories read: 0 stored, 5 here already, 0 repeated, 0 refused.\n",
    )


def moment(value):
    return value.isoformat().replace("+00:00", "Z")


@pytest.fixture
def pauses(monkeypatch):
    """How long was waited, instead of waiting."""
    slept = []
    monkeypatch.setattr(hosted.time, "sleep", slept.append)
    return slept


def page(*items, following=None):
    document = {"count": len(items), "next": following, "previous": None, "results": list(items)}
    return Response(json.dumps(document), 200, content_type="application/json")


TEA = {
    "id": "not a uuid",
    "memory": "Ada drinks tea",
    "user_id": None,
    "session_id": "r1",
    "created_at": "2026-05-04T10:20:30-07:00",
    "updated_at": None,
}


def script(httpserver, *answers):
    left = list(answers)
    httpserver.expect_request("/under/v3/memories/", method="POST").respond_with_handler(
        lambda _: left.pop(0) if len(left) > 1 else left[0]
    )
    httpserver.expect_request("/under/v1/memories/not a uuid/history/").respond_with_json([])


def test_host_that_is_at_its_limit_is_waited_for(httpserver, bring, tenant, pauses):
    busy = Response("", 429, headers={"Retry-After": "7"})
    script(httpserver, busy, Response("", 503), Response("", 500), page(TEA))

    code, out, _ = bring(httpserver.url_for("/under/"), "k")

    assert (code, pauses) == (0, [7.0, 2.0, 4.0])
    assert out.startswith("1 memories read: 1 stored")
    [(request, _), *_] = httpserver.log
    assert request.headers["Authorization"] == "Token k"
    assert request.json == {"filters": ANYBODY, "show_expired": True, "latest_only": True}
    assert bring(httpserver.url_for("/under"), "k")[1].startswith(
        "1 memories read: 0 stored, 1 here"
    )
    with tenant_scope(tenant.id):
        [memory] = read_memories(list(Memory.objects.values_list("id", flat=True)))
    assert (memory.text, memory.entity_names) == ("Ada drinks tea", {EntityKind.RUN: "r1"})
    assert memory.created_at == memory.updated_at
    assert memory.created_at.isoformat() == "2026-05-04T17:20:30+00:00"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response("", 401), "The host refused the key."),
        (Response("", 404), "The host answered 404 to POST /v3/memories/?page=1&page_size=1."),
        (
            Response("", 302, headers={"Location": "http://127.0.0.1:9/"}),
            "The host answered 302 to POST /v3/memories/?page=1&page_size=1.",
        ),
        (Response("<html>", 200), "The host did not answer with JSON."),
        (Response("[]", 200), "The host did not answer with a page of memories."),
        (
            Response("", 503),
            "The host can't be read now: it answered 503. Run the command again to go on.",
        ),
    ],
)
def test_host_that_cant_be_read_is_said_in_one_line(httpserver, bring, pauses, answer, said):
    script(httpserver, answer)

    assert bring(httpserver.url_for("/under"), "k") == (1, "", said)


def test_host_that_is_not_there_is_said_in_one_line(bring, pauses):
    assert bring("http://127.0.0.1:9", "k") == (
        1,
        "",
        "The host can't be read now: ConnectionRefusedError. Run the command again to go on.",
    )
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_page_that_is_full_of_nonsense_stores_nothing(httpserver, bring, tenant, pauses):
    script(
        httpserver,
        page(
            TEA | {"memory": None},
            TEA | {"id": "b", "session_id": None},
            TEA | {"id": "c", "created_at": "soon"},
            TEA | {"id": "d", "metadata": ["x"]},
            TEA | {"id": "e", "session_id": "x\0y"},
            TEA | {"id": "f", "expiration_date": "never"},
        ),
    )
    for name in "bcdef":
        httpserver.expect_request(f"/under/v1/memories/{name}/history/").respond_with_json([])

    code, out, err = bring(httpserver.url_for("/under"), "k")

    assert (code, sorted(out.splitlines()[1:])) == (
        0,
        [
            "1 refused: It has an expiration date that can't be read.",
            "1 refused: It has no text.",
            "1 refused: It has no time that can be read.",
            "1 refused: It names no user, agent, app or run.",
            "1 refused: Its metadata is no object that can be kept.",
            "1 refused: run_id must not contain NUL.",
        ],
    )
    with tenant_scope(tenant.id):
        assert Memory.objects.count() == 0
