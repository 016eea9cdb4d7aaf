"""An application that talks to the API over HTTP, with a key of its own tenant."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from apps.common.actor import SYSTEM
from apps.tenants.domain.api_keys import create_api_key, find_api_key, revoke_api_key
from apps.tenants.domain.tenants import create_tenant
from tests.integration.server import server
from tests.support.openapi import check_answer

__all__ = ["server"]

ENTITY_KEYS = ("user_id", "agent_id", "app_id", "run_id")


@dataclass
class Api:
    """Sends JSON with one API key; answers Django's test response, which OpenAPI describes."""

    key: str
    scheme: str = "Token"

    def send(
        self, method: str, path: str, body: Any = None, raw: bytes | None = None, **environ: Any
    ) -> Any:
        payload = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        answer = Client().generic(
            method,
            path,
            payload,
            content_type="application/json",
            headers={"Authorization": f"{self.scheme} {self.key}"},
            **environ,
        )
        check_answer(method, answer)
        return answer

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        return self.send("POST", path, body, raw)

    def put(self, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        return self.send("PUT", path, body, raw)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def add(self, *texts: str, messages: list | None = None, **fields: Any) -> list[str]:
        """Store texts verbatim; answers the ids of their memories."""
        if not fields.keys() & set(ENTITY_KEYS):
            fields["user_id"] = "ada"
        messages = messages or [{"role": "user", "content": text} for text in texts]
        answer = self.post("/v3/memories/add/", {"messages": messages, "infer": False} | fields)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    def page(self, filters: Any, query: str = "", **fields: Any) -> Any:
        return self.post(f"/v3/memories/{query}", {"filters": filters} | fields)

    def texts(self, filters: Any = None) -> list[str]:
        """What the list shows, in its order."""
        answer = self.page(filters or {"user_id": "*"}, "?page_size=200")
        assert answer.status_code == 200, answer.content
        return [row["memory"] for row in answer.json()["results"]]

    def search(self, query: Any, filters: Any = None, **fields: Any) -> Any:
        body = {"query": query, "filters": filters or {"user_id": "ada"}, "threshold": 0} | fields
        return self.post("/v3/memories/search/", body)

    def hits(self, query: str, filters: Any = None, **fields: Any) -> list[str]:
        answer = self.search(query, filters, **fields)
        assert answer.status_code == 200, answer.content
        return [row["memory"] for row in answer.json()["results"]]


@pytest.fixture
def tenant(db):
    return create_tenant(name="Harbour Clinic", slug="harbour", by=SYSTEM)


@pytest.fixture
def other_tenant(db):
    return create_tenant(name="Other Clinic", slug="other", by=SYSTEM)


@pytest.fixture
def make_key(tenant):
    def make(**fields):
        return create_api_key(**{"tenant": tenant, "name": "test", "by": SYSTEM} | fields)[1]

    return make


@pytest.fixture
def revoke_key():
    def revoke(text):
        revoke_api_key(key=find_api_key(text.split("_")[1]), by=SYSTEM)

    return revoke


@pytest.fixture
def as_key(tenant):
    return Api


@pytest.fixture
def api(make_key):
    return Api(make_key())


@pytest.fixture
def other_api(make_key, other_tenant):
    return Api(make_key(tenant=other_tenant))
