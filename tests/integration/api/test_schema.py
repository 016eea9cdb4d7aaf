"""OpenAPI and its page: every route with its methods, fresh, and valid."""

import json
import re

import jsonschema_rs
import pytest
from django.test import Client

from apps.api.schema.document import read_document
from apps.api.schema.inspector import OPERATIONS
from memoryhub.embedded.layout import PROJECT
from tests.architecture.test_urls import API, OPEN
from tests.support.openapi import check_answer, to_path

BARE = {"/healthz", "/readyz"}


def test_every_route_is_described_with_its_methods():
    described = {path: set(found) for path, found in read_document()["paths"].items()}

    routes = {to_path(route): {name.lower() for name in view.scopes} for route, view in API}
    assert described == routes | {path: {"get"} for path in BARE}
    assert {path[1:] for path in BARE} <= OPEN.keys()


def test_no_view_is_described_that_has_no_route():
    assert OPERATIONS.keys() == {view for _, view in API}
    assert {view: set(found) for view, found in OPERATIONS.items()} == {
        view: set(view.scopes) for _, view in API
    }


def test_file_in_docs_is_fresh():
    """`manage.py spectacular --format openapi-json --file docs/openapi.json` writes it."""
    written = json.loads((PROJECT / "docs" / "openapi.json").read_text())

    assert written == json.loads(json.dumps(read_document()))


def test_every_reference_leads_somewhere():
    document = read_document()
    text = json.dumps(document)

    for kind, name in set(re.findall(r'"#/components/(\w+)/([\w-]+)"', text)):
        assert name in document["components"][kind]
    used = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert document["components"]["schemas"].keys() == used


def test_operations_have_unequal_ids():
    ids = [
        operation["operationId"]
        for methods in read_document()["paths"].values()
        for operation in methods.values()
    ]

    assert len(ids) == len(set(ids))


def test_it_is_served_to_anybody(client):
    answer = client.get("/api/schema/")

    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json"
    assert client.post("/api/schema/").status_code == 405


def test_page_shows_every_operation_and_nothing_inline(client, db):
    answer = client.get("/api/docs/")

    page = answer.content.decode()
    shown = set(re.findall(r'<details class="operation" id="(\w+)"', page))
    paths = read_document()["paths"]
    once = [path for path in paths if not (path.endswith("/") and path[:-1] in paths)]
    assert shown == {one["operationId"] for path in once for one in paths[path].values()}
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy or "default-src 'self'" in policy


def test_answer_that_is_not_described_is_noticed(api, monkeypatch):
    answer = api.get("/v1/ping/")
    monkeypatch.setattr(answer, "json", lambda: {"status": "ok", "surprise": 1})
    with pytest.raises(AssertionError, match="answers 200"):
        check_answer("GET", answer)

    answer.status_code = 418
    with pytest.raises(AssertionError, match="not described"):
        check_answer("GET", answer)


def test_examples_are_what_their_schema_says():
    from apps.api.schema.bodies import BODIES
    from apps.api.schema.samples import make_sample

    schemas = read_document()["components"]["schemas"]
    for name in BODIES:
        whole = {**schemas[name], "components": {"schemas": schemas}}
        jsonschema_rs.Draft202012Validator(whole).validate(make_sample(schemas[name], schemas))


def test_unknown_path_beside_them_is_not_found(db):
    for method in ("GET", "POST"):
        answer = Client(enforce_csrf_checks=True).generic(method, "/api/v2/schema/")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Not found.")
