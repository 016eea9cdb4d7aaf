"""Counting for a while what is done again and again, and the housekeeping of it."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.models import Tally


class Taken(NamedTuple):
    used: int
    seconds: int
    """Until it begins anew."""


def take(limits: Mapping[str, int], *, seconds: int) -> tuple[bool, list[Taken]]:
    """Count one for each name, unless one of them has reached its limit: then for none.

    A count ends `seconds` after its first. Four statements, one after the other with all who count
    the same.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = _lock([*limits], now, timedelta(seconds=seconds))
        is_allowed = all(row.value < most for row, most in zip(rows, limits.values(), strict=True))
        if is_allowed:
            for row in rows:
                row.value += 1
            Tally.objects.bulk_update(rows, ["value"])
    lefts = [math.ceil((row.expires_at - now).total_seconds()) for row in rows]
    return is_allowed, [Taken(row.value, left) for row, left in zip(rows, lefts, strict=True)]


def clear_tallies() -> None:
    """Remove what counts no longer, and what was noted of sessions that have ended."""
    Tally.objects.filter(expires_at__lte=timezone.now()).delete()
    live = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=live).delete()


def _lock(names: list[str], now: datetime, lasting: timedelta) -> list[Tally]:
    """What is counted for each now. No row is left that `clear_tallies` could take meanwhile."""
    keys = [salted_hmac(__name__, name, algorithm="sha256").hexdigest() for name in names]
    Tally.objects.filter(key__in=keys, expires_at__lte=now).delete()
    made = [Tally(key=key, value=0, expires_at=now + lasting) for key in sorted(keys)]
    Tally.objects.bulk_create(made, ignore_conflicts=True)
    found = Tally.objects.select_for_update().order_by("key").in_bulk(keys)
    return [found[key] for key in keys]
