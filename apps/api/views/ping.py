"""The clients' first call."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import tenant_id_of
from apps.api.views.base import ScopedView


class Ping(ScopedView):
    """GET /v1/ping/: whose key this is.

    `user_email` stays null: the clients would take it as an identity for their own telemetry.
    """

    scopes: ClassVar = {"GET": None}

    def get(self, request: Request) -> Response:
        tenant_id = str(tenant_id_of(request))
        return Response(
            {"status": "ok", "org_id": tenant_id, "project_id": tenant_id, "user_email": None}
        )
