"""Our own paths: the key's tenant, its keys, its audit trail, and whether telemetry is on."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import actor_of, body_of, key_of, tenant_id_of, tenant_of
from apps.api.inputs import read_page
from apps.api.pages import check_page, make_older, make_page
from apps.api.presenting_own import (
    present_checkpoint,
    present_event,
    present_key,
    present_telemetry,
    present_tenant,
    present_trail,
)
from apps.api.reading_own import (
    read_before_id,
    read_before_number,
    read_chosen,
    read_key_id,
    read_new_key,
    read_new_name,
    read_size,
)
from apps.api.views.base import ScopedView
from apps.audit.queries import find_places, list_checkpoints, list_events, read_trail_state
from apps.isolation.scope import tenant_scope
from apps.telemetry import queries as telemetry
from apps.tenants.domain.api_keys import create_api_key, revoke_api_key
from apps.tenants.domain.tenants import rename_tenant
from apps.tenants.enums import ApiScope
from apps.tenants.queries import count_api_keys, get_api_key, list_api_keys


class OwnTenant(ScopedView):
    """/api/v1/tenant/: the key's own, the only one that a key knows."""

    scopes: ClassVar = {"GET": ApiScope.READ, "PATCH": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:
        return Response(present_tenant(tenant_of(request)))

    def patch(self, request: Request) -> Response:
        tenant = tenant_of(request)
        rename_tenant(tenant=tenant, name=read_new_name(body_of(request)), by=actor_of(request))
        return Response(present_tenant(tenant))


class KeyList(ScopedView):
    """/api/v1/keys/: lists keys, newest first, the revoked ones too; makes one."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN, "POST": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:
        page, tenant = read_page(request.GET), tenant_of(request)
        count = count_api_keys(tenant)
        check_page(page, count=count)
        rows = list_api_keys(tenant, offset=page.offset, limit=page.size)
        results = [present_key(row) for row in rows]
        return Response(make_page(request, page, count=count, results=results))

    def post(self, request: Request) -> Response:
        """The text of the key is in this answer alone."""
        key, text = create_api_key(
            tenant=tenant_of(request),
            parent=key_of(request),
            by=actor_of(request),
            **read_new_key(body_of(request)),
        )
        headers = {"Cache-Control": "no-store"}
        return Response(present_key(key) | {"key": text}, status=201, headers=headers)


class KeyDetail(ScopedView):
    """/api/v1/keys/{id}/: one key; revokes it, from the next request on."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN, "DELETE": ApiScope.ADMIN}

    def get(self, request: Request, key_id: str) -> Response:
        key = get_api_key(tenant=tenant_of(request), key_id=read_key_id(key_id))
        return Response(present_key(key))

    def delete(self, request: Request, key_id: str) -> Response:
        key = get_api_key(tenant=tenant_of(request), key_id=read_key_id(key_id))
        revoke_api_key(key=key, by=actor_of(request))
        return Response({"message": "API key revoked"})


class AuditEvents(ScopedView):
    """GET /api/v1/audit/events/: a page of the trail, newest first."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:
        chosen, size = read_chosen(request.GET), read_size(request.GET)
        before = read_before_id(request.GET)
        with tenant_scope(tenant_id_of(request)):
            rows = list_events(chosen, before=before, limit=size + 1)
            places = find_places(rows[:size])
        return Response(
            make_older(
                request,
                rows,
                size,
                present=lambda row: present_event(row, places.get(row.id)),
                mark="id",
            )
        )


class AuditCheckpoints(ScopedView):
    """GET /api/v1/audit/checkpoints/: a page of signed checkpoints, newest first."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:
        before, size = read_before_number(request.GET), read_size(request.GET)
        with tenant_scope(tenant_id_of(request)):
            rows = list_checkpoints(before=before, limit=size + 1)
        return Response(make_older(request, rows, size, present=present_checkpoint, mark="number"))


class AuditState(ScopedView):
    """GET /api/v1/audit/state/: what was verified, what waits, how far the trail is anchored."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:
        with tenant_scope(tenant_id_of(request)):
            found = read_trail_state()
        return Response(present_trail(found))


class Telemetry(ScopedView):
    """GET /api/v1/telemetry/: whether usage reports are sent, and who decided."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:  # noqa: ARG002
        waiting, sent = len(telemetry.list_outbox()), telemetry.count_reports()
        return Response(present_telemetry(telemetry.read_state(), waiting=waiting, sent=sent))
