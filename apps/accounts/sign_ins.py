"""Signing in and out leaves lines in the instance's trail; e-mail and address are sealed apart."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts.models import Operator
from apps.audit.actions import Action, Outcome, Refusal
from apps.audit.domain import record
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope


@receiver(user_logged_in)
def record_login(request: HttpRequest, user: Operator, **_: Any) -> None:
    _record(Action.LOGIN, request, user)


@receiver(user_logged_out)
def record_logout(request: HttpRequest, user: Operator | None, **_: Any) -> None:
    if user is not None:
        _record(Action.LOGOUT, request, user)


@receiver(password_changed)
def record_password_change(request: HttpRequest, user: Operator, **_: Any) -> None:
    _record(Action.PASSWORD_CHANGE, request, user)


@receiver(user_login_failed)
def record_failed_login(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """Nobody is known to have acted; the target is the operator with this e-mail, if any."""
    email = str(credentials.get("email", "")).strip().lower()
    target_id = Operator.objects.filter(email=email).values_list("id", flat=True).first()
    with tenant_scope(INSTANCE_TENANT_ID):
        record(
            Action.LOGIN_FAILED,
            by=SYSTEM,
            target_id=target_id,
            outcome=Outcome.FAILED,
            details=_describe(request) | {"email": email},
            reason=Refusal.WRONG_PASSWORD,
        )


def _record(action: Action, request: HttpRequest, user: Operator) -> None:
    actor = Actor(ActorKind.OPERATOR, user.id)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(action, by=actor, target_id=user.id, details=_describe(request))


def _describe(request: HttpRequest | None) -> dict[str, str]:
    is_known = request is not None and "REMOTE_ADDR" in request.META
    return {"ip": get_adapter().get_client_ip(request)} if is_known else {}
