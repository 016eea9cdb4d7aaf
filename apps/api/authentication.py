"""Who calls: `Authorization: Token KEY` or `Bearer KEY`, or `X-API-Key: KEY`."""

from typing import Any, cast
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.common.actor import Actor, ActorKind
from apps.isolation.connections import retry_once
from apps.tenants.domain.api_keys import authenticate_key
from apps.tenants.models import ApiKey, Tenant

SCHEMES = ("token", "bearer")


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the key. There is no user: an application calls."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey]:
        text = read_key_text(request)
        key = retry_once(lambda: authenticate_key(text)) if text else None
        if key is None:
            raise AuthenticationFailed("Invalid API key.")
        return None, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Token"


def read_key_text(request: Request) -> str:
    """The key as it was sent, empty without one."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return str(request.META.get("HTTP_X_API_KEY", "")).strip()
    scheme, _, text = header.partition(" ")
    return text.strip() if scheme.lower() in SCHEMES else ""


def key_of(request: Request) -> ApiKey:
    return cast("ApiKey", request.auth)


def tenant_of(request: Request) -> Tenant:
    return key_of(request).tenant


def tenant_id_of(request: Request) -> UUID:
    return key_of(request).tenant_id


def actor_of(request: Request) -> Actor:
    return Actor(ActorKind.API_KEY, key_of(request).id)


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that the parser has read."""
    return cast("dict[str, Any]", request.data)
