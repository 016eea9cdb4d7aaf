"""All walls together, by the API: its routes, keys, scopes, parsers and views, in this process.

The key is made inside each attack, and so is rolled back with it: no other process ever sees it.
"""

import io
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve

from apps.common.actor import Actor
from apps.common.ids import uuid7
from apps.memories.enums import EntityKind
from apps.memories.filters import WILDCARD
from apps.operations.proof.attacks import Act, Attack
from apps.operations.proof.report import Wall
from apps.operations.proof.stage import ControlFailed, Stage
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.enums import DEFAULT_SCOPES
from apps.tenants.models import Tenant

ANYBODY = {"user_id": WILDCARD}
EVERYTHING = {f"{kind.value}_id": WILDCARD for kind in EntityKind}
MANY = 200


class Answer(NamedTuple):
    status: int
    content: bytes


class Caller:
    """An application of a canary, with a key of its own."""

    def __init__(
        self, tenant: Tenant, *, scopes: Sequence[str] = DEFAULT_SCOPES, by: Actor
    ) -> None:
        _, self._key = create_api_key(tenant=tenant, name="Canary", scopes=scopes, by=by)

    def __call__(self, method: str, path: str, body: object = None) -> Answer:
        parts = urlsplit(path)
        raw = json.dumps(body).encode() if body is not None else b""
        match = resolve(parts.path)
        request = WSGIRequest(self._environ(method, parts.path, parts.query, raw))
        response: Any = match.func(request, *match.args, **match.kwargs)
        if response.streaming:
            return Answer(response.status_code, b"".join(response))
        rendered = response.render() if hasattr(response, "render") else response
        return Answer(response.status_code, rendered.content)

    def _environ(self, method: str, path: str, query: str, raw: bytes) -> dict[str, Any]:
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "HTTP_AUTHORIZATION": f"Token {self._key}",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
        }


def differs_from_unknown(
    method: str, suffix: str, body: object, call: Caller, stage: Stage
) -> object:
    """Whether their memory's id is answered otherwise than an id that never was."""
    theirs, unknown = (
        call(method, f"/v1/memories/{memory_id}/{suffix}", body)
        for memory_id in (stage.theirs.memory.id, uuid7())
    )
    return theirs.status != 404 or theirs != unknown  # noqa: PLR2004


def list_everything(call: Caller, stage: Stage) -> object:
    body = {"filters": ANYBODY, "page_size": MANY, "show_expired": True}
    return find_theirs(call("POST", "/v3/memories/", body), stage)


def search_everything(call: Caller, stage: Stage) -> object:
    body = {"query": stage.theirs.text, "filters": ANYBODY, "top_k": MANY, "threshold": 0}
    return find_theirs(call("POST", "/v3/memories/search/", body), stage)


def search_their_user(call: Caller, stage: Stage) -> object:
    body = {"query": stage.theirs.text, "filters": {"user_id": stage.theirs.user}, "threshold": 0}
    answer = call("POST", "/v3/memories/search/", body)
    return answer != Answer(200, b'{"results":[]}')


def list_entities(call: Caller, stage: Stage) -> object:
    answer = call("GET", f"/v1/entities/?page_size={MANY}")
    return find_theirs(answer, stage, ours=stage.ours.user)


def delete_by_user(call: Caller, stage: Stage) -> object:
    """Their rows are measured afterwards."""
    query = urlencode({"user_id": stage.theirs.user})
    return call("DELETE", f"/v1/memories/?{query}").status != 200  # noqa: PLR2004


def delete_everything(call: Caller, stage: Stage) -> object:
    """Their rows are measured afterwards; here it must have reached ours."""
    call("DELETE", f"/v1/memories/?{urlencode(EVERYTHING)}")
    if call("GET", f"/v1/memories/{stage.ours.memory.id}/").status != 404:  # noqa: PLR2004
        raise ControlFailed("nothing of ours was deleted")
    return None


def find_theirs(answer: Answer, stage: Stage, *, ours: str = "") -> bool:
    """Whether anything of theirs stands in the answer, in which something of ours must stand."""
    if (ours or str(stage.ours.memory.id)).encode() not in answer.content:
        raise ControlFailed("nothing of ours was answered")
    theirs = stage.theirs
    marks = (str(theirs.memory.id), str(stage.their_user_id), theirs.user, theirs.text)
    return any(mark.encode() in answer.content for mark in marks)


def attack(name: str, act: Callable[[Caller, Stage], object]) -> Attack:
    def acts(stage: Stage) -> dict[str, Act]:
        return {"": lambda: act(Caller(stage.ours.tenant, by=stage.by), stage)}

    return Attack(name, Wall.API, acts)


def by_id(method: str, suffix: str = "", body: object = None) -> Callable[[Caller, Stage], object]:
    return partial(differs_from_unknown, method, suffix, body)


ATTACKS = (
    attack("GET their memory", by_id("GET")),
    attack("GET the history of their memory", by_id("GET", "history/")),
    attack("PUT a new text into their memory", by_id("PUT", body={"text": "Changed."})),
    attack("DELETE their memory", by_id("DELETE")),
    attack("list with *", list_everything),
    attack("search with * for their text", search_everything),
    attack("search in their user", search_their_user),
    attack("list entities", list_entities),
    attack("DELETE all of their user", delete_by_user),
    attack("DELETE all with *", delete_everything),
)
