"""Sessions of an operator, each a browser that is signed in."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope


@transaction.atomic
def end_sessions(*, operator: Operator, sessions: list[UserSession], by: Actor) -> None:
    """Those browsers are signed out at their next request. Three statements, and the event."""
    keys = [one.session_key for one in sessions if one.user_id == operator.pk]
    if not keys:
        return
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.SESSION_END, by=by, target_id=operator.id, count=len(keys))
