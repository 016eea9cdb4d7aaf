"""Who memories exist for."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import tenant_id_of, tenant_of
from apps.api.inputs import read_page
from apps.api.pages import check_page, make_page
from apps.api.presenting import present_entity
from apps.api.views.base import ScopedView
from apps.isolation.scope import tenant_scope
from apps.memories.queries import count_entities, list_entities
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class EntityList(ScopedView):
    """GET /v1/entities/: a page of entities with the number of their memories, last used first."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.ENTITIES}

    def get(self, request: Request) -> Response:
        page = read_page(request.GET)
        with tenant_scope(tenant_id_of(request)):
            counts = count_entities()
            count = sum(counts.values())
            check_page(page, count=count)
            sizes = list_entities(offset=page.offset, limit=page.size)
        owner = tenant_of(request).name
        results = [present_entity(size, owner=owner) for size in sizes]
        totals = {f"total_{kind.value}s": counts[kind] for kind in counts}
        return Response(make_page(request, page, count=count, results=results) | totals)
