"""What the API answers about a canary: every route that can be read, with every id we know."""

import re
from collections.abc import Iterator

from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from apps.memories.enums import EntityKind
from apps.memories.filters import WILDCARD
from apps.operations.proof.api_calls import Caller
from apps.operations.proof.sentinels import Planted
from apps.tenants.enums import ApiScope
from apps.tenants.models import Tenant

SLOT = re.compile(r"<[^>]+>")
KIND = re.compile(r"<\w+:kind>")
API = "apps.api."
SAME_FOR_ALL = "apps.api.views.schema"  # and drawn with files that may not be collected yet


def search_answers(planted: Planted) -> list[str]:
    """The routes in whose answers the word stands. What asking leaves is undone."""
    tenant = Tenant.objects.get(id=planted.tenant_id)
    with transaction.atomic():
        found = sorted(
            {route for route, content in _ask(tenant, planted) if _has(planted, content)}
        )
        transaction.set_rollback(True)
    return found


def _has(planted: Planted, content: bytes) -> bool:
    return planted.word.encode() in content


def _ask(tenant: Tenant, planted: Planted) -> Iterator[tuple[str, bytes]]:
    call = Caller(tenant, scopes=ApiScope.values, by=planted.by)
    for route in _list_routes(get_resolver().url_patterns):
        for value in planted.ids if SLOT.search(route) else ("",):
            path = f"/{SLOT.sub(value, KIND.sub(EntityKind.USER, route))}"
            for query in ("", f"?user_id={planted.user}"):
                yield f"GET {route}", call("GET", path + query).content
    for route, body in _list_questions(planted):
        yield f"POST {route}", call("POST", f"/{route}", body).content


def _list_questions(planted: Planted) -> Iterator[tuple[str, dict[str, object]]]:
    anybody = {"OR": [{f"{kind.value}_id": WILDCARD} for kind in EntityKind]}
    for filters in (anybody, {"user_id": planted.user}):
        yield "v3/memories/", {"filters": filters, "show_expired": True}
        yield "v3/memories/search/", {"filters": filters, "query": planted.word, "threshold": 0}
    yield "api/v1/recall/", {"user_id": planted.user, "query": planted.word}
    for row_id in planted.ids:
        yield "v1/exports/get/", {"memory_export_id": row_id}


def _list_routes(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _list_routes(pattern.url_patterns)
        elif isinstance(pattern.pattern, RoutePattern):
            view = getattr(pattern.callback, "cls", pattern.callback)
            if view.__module__.startswith(API) and view.__module__ != SAME_FOR_ALL:
                yield str(pattern.pattern)
