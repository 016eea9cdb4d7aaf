"""Log lines hold the route's template and our own ids: never a path, a text, an id or a key."""

import io
import json
import logging

import pytest

from apps.common.actor import SYSTEM
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant
from tests.integration.conftest import Api

OURS = ("memoryhub", "apps")
WORDS = ["Zanzibar7", "quetzal9", "Nadja55", "external-42", "path-43", "query-44", "bad-45"]


@pytest.fixture
def key(db):
    tenant = create_tenant(name="Harbour Clinic", slug="harbour", by=SYSTEM)
    return create_api_key(tenant=tenant, name="test", by=SYSTEM)[1]


@pytest.fixture
def log():
    """What the shipped handler would write, with our loggers at DEBUG."""
    root, stream = logging.getLogger(), io.StringIO()
    [shipped] = [h for h in root.handlers if type(h.formatter).__name__ == "ProcessorFormatter"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(shipped.formatter)
    levels = {name: logging.getLogger(name).level for name in OURS}
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


def use_everything(api):
    [memory_id] = api.add(
        messages=[{"role": "user", "name": "Nadja55", "content": "Zanzibar7"}],
        metadata={"quetzal9": 1},
        user_id="external-42",
    )
    api.search("query-44", {"user_id": "external-42"})
    api.put(f"/v1/memories/{memory_id}/", {"text": "Zanzibar7 again"})
    api.get(f"/v1/memories/{memory_id}/history/")
    api.get("/v1/memories/path-43/")
    api.get("/v1/memories/path-43/external-42/history/")
    api.get("/v1/entities/?user_id=external-42&page=bad-45")
    api.get("/v9/Zanzibar7/path-43/")
    api.get("/nowhere/path-43/")
    api.post("/v3/memories/add/", raw=b'{"user_id": "bad-45"')
    api.post("/v3/memories/", {"filters": {"bad-45": "external-42"}})
    api.delete("/v1/memories/?user_id=external-42")
    return memory_id


def test_log_holds_nothing_of_a_request(log, key):
    memory_id = use_everything(Api(key))
    Api(key[:-1] + "0").get("/v1/ping/")

    written = log.getvalue()
    assert len(lines(log)) >= 13
    for word in [*WORDS, key, key.split("_")[1], key.split("_")[2], str(memory_id)]:
        assert word not in written, word


def test_log_holds_nothing_of_a_failure(log, key, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("Zanzibar7")

    monkeypatch.setattr("apps.api.recall.search_memories", fail)

    answer = Api(key).search("query-44", {"user_id": "external-42"})

    assert answer.status_code == 500
    assert_told(log, answer)


def test_log_holds_nothing_of_a_page_that_fails(log, client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("Zanzibar7")

    monkeypatch.setattr("apps.dashboard.views.errors.render", fail)
    client.raise_request_exception = False

    answer = client.get("/nowhere/path-43/")

    assert answer.status_code == 500
    assert_told(log, answer)


def assert_told(log, answer):
    """Which error, where and in which request; nothing of its message."""
    [told] = [line for line in lines(log) if line["event"] == "unhandled error"]
    assert (told["error"], told["level"]) == ("RuntimeError", "error")
    assert told["at"][-1].endswith(" fail")
    assert told["request_id"] == answer.headers["X-Request-ID"]
    for word in WORDS:
        assert word not in log.getvalue() + answer.content.decode(), word


def test_line_holds_the_template_of_the_route(log, key):
    Api(key).get("/v1/memories/path-43/history/")

    [line] = lines(log)
    assert {name: line[name] for name in ("event", "method", "route", "status", "level")} == {
        "event": "request",
        "method": "GET",
        "route": "v1/memories/<any:memory_id>/history/",
        "status": 400,
        "level": "info",
    }
    assert line.keys() == {
        "event", "method", "route", "status", "level", "ms", "logger", "timestamp", "request_id",
    }  # fmt: skip


def test_line_and_answer_have_one_request_id(log, key):
    answer = Api(key).get("/v1/ping/")

    assert [line["request_id"] for line in lines(log)] == [answer.headers["X-Request-ID"]]


def test_log_would_show_a_leak(log):
    logging.getLogger("memoryhub.test").debug("Zanzibar7")

    assert "Zanzibar7" in log.getvalue()
