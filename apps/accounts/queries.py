"""What an operator's account page shows."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.accounts.models import Operator


def list_sessions(operator: Operator) -> list[UserSession]:
    """Those that still are, the newest first. One statement."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    mine = UserSession.objects.filter(user=operator, session_key__in=live)
    return list(mine.order_by("-created_at"))


def list_factors(operator: Operator) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=operator).order_by("created_at", "id"))


def has_factor(operator_id: str) -> Exists:
    """To annotate rows that hold an operator's id: whether a password alone is not enough."""
    own = Authenticator.objects.filter(user_id=OuterRef(operator_id))
    return Exists(own.exclude(type=Authenticator.Type.RECOVERY_CODES))
