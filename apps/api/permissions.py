"""What a key may do is its scopes; each view names the one it needs, per method."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.api.authentication import key_of

if TYPE_CHECKING:
    from rest_framework.views import APIView


class HasScope(BasePermission):
    message = "This API key does not have the scope that this call needs."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        scopes = getattr(view, "scopes", {})
        scope = scopes.get(request.method)
        return scope is None or scope in key_of(request).scopes
