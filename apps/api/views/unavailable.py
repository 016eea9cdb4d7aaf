"""What is not offered: said so, never an empty answer."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import body_of, tenant_id_of
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid, NotFound
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.filters import check_entity_id
from apps.memories.queries.entities import find_entities
from apps.tenants.enums import ApiScope

NO_PROFILES = "Profiles are not enabled on this server."


class Profile(ScopedView):
    """GET /v2/entities/user/{id}/profile/"""

    scopes: ClassVar = {"GET": ApiScope.READ}

    def get(self, request: Request, name: str) -> Response:
        entity_id = check_entity_id(name, field="entity_id")
        with tenant_scope(tenant_id_of(request)):
            found = find_entities([(EntityKind.USER, entity_id)])
        if not any(entity.external_id is not None for entity in found.values()):
            raise NotFound("Entity not found!")
        return Response(
            {
                "profile": None,
                "status": "not_enabled",
                "entity_type": EntityKind.USER,
                "entity_id": entity_id,
                "updated_at": None,
                "generation_count": 0,
            }
        )


class ProfileJobs(ScopedView):
    """POST /v2/profiles/jobs/"""

    scopes: ClassVar = {"POST": ApiScope.WRITE}

    def post(self, request: Request) -> Response:  # noqa: ARG002
        raise Invalid(NO_PROFILES)


class ProfileJob(ScopedView):
    """GET /v2/profiles/jobs/{job}/"""

    scopes: ClassVar = {"GET": ApiScope.READ}

    def get(self, request: Request, job_id: str) -> Response:  # noqa: ARG002
        raise NotFound("Profile job not found!")


class ProfileSettings(ScopedView):
    """/v2/profiles/settings/: off, and can't be turned on."""

    scopes: ClassVar = {"GET": None, "POST": ApiScope.ADMIN}

    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(_present_settings())

    def post(self, request: Request) -> Response:
        body = body_of(request)
        unknown = body.keys() - {"enabled", "entities", "org_id", "project_id", "source"}
        if unknown:
            raise Invalid("Profile settings are enabled and entities.", field=min(unknown))
        if reading.read_bool(body, "enabled", default=False) or body.get("entities"):
            raise Invalid(NO_PROFILES, field="enabled")
        return Response(_present_settings())


def _present_settings() -> dict[str, Any]:
    return {
        "enabled": False,
        "capabilities": {},
        "entities": {"user": {"schema": None, "custom_instructions": None}},
    }
