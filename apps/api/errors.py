"""Every error of the API: `{"detail", "error"}`, and `field` where one is at fault."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.exceptions import PermissionDenied as RefusedByScope
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import actor_of, tenant_id_of
from apps.audit.actions import Action
from apps.audit.domain import record_refusal
from apps.common.errors import DomainError, TooLarge, TooMany
from apps.common.failures import log_failure
from apps.telemetry.enums import Place
from apps.telemetry.uses import count_error


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Where clients of a view read `message`, it says so by `says_message`."""
    response = _answer(error, context)
    if getattr(context["view"], "says_message", False):
        response.data["message"] = response.data["detail"]
    return response


def _answer(error: Exception, context: dict[str, Any]) -> Response:
    if isinstance(error, RefusedByScope):
        _record_refusal(context["request"], context["view"])
    match error:
        case DomainError():
            response = make_error(error.status, error.detail, field=error.field)
            if isinstance(error, TooMany):
                response["Retry-After"] = str(error.seconds)
            return response
        case RequestDataTooBig():
            return make_error(TooLarge.status, "The body is too large.", field="body")
        case Http404():
            return make_error(404, "Not found.")
        case PermissionDenied():
            return make_error(403, "You do not have permission to perform this action.")
        case APIException():
            response = make_error(error.status_code, str(error.detail))
            if header := getattr(error, "auth_header", None):
                response["WWW-Authenticate"] = header
            return response
    log_failure(error)
    count_error(type(error), Place.API)
    return make_error(500, "The server failed. Its log has this request's id.")


def make_error(status: int, detail: str, *, field: str | None = None) -> Response:
    body = {"detail": detail, "error": detail}
    return Response(body | ({"field": field} if field else {}), status=status)


def _record_refusal(request: Request, view: Any) -> None:
    """The key lacks the scope that the view names for this method."""
    record_refusal(
        Action.PERMISSION_USE,
        tenant_id=tenant_id_of(request),
        by=actor_of(request),
        needs=view.scopes[request.method],
    )
