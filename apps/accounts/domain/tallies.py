"""Housekeeping of what sign-ins leave behind."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.accounts.models import Tally


def clear_tallies() -> None:
    """Remove what counts no longer, and what was noted of sessions that have ended."""
    Tally.objects.filter(expires_at__lte=timezone.now()).delete()
    live = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=live).delete()
