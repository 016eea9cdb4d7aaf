"""API keys as the room shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from apps.dashboard.presenters.text import counted
from apps.tenants.secrets import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apps.dashboard.presenters.parts import StateKind
    from apps.tenants.models import ApiKey

SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class KeyRow:
    name: str
    mask: str
    scopes: tuple[str, ...]
    state: StateKind
    word: str
    is_live: bool
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoke_href: str


@dataclass(frozen=True, slots=True)
class KeyRoom:
    live: tuple[KeyRow, ...]
    ended: tuple[KeyRow, ...]
    note: str


def key_room(keys: Sequence[ApiKey], *, now: datetime) -> KeyRoom:
    rows = [key_row(key, now) for key in keys]
    live = tuple(row for row in rows if row.is_live)
    ended = tuple(row for row in rows if not row.is_live)
    return KeyRoom(live, ended, counted(len(live), "key"))


def key_row(key: ApiKey, now: datetime) -> KeyRow:
    state, word = key_state(key, now)
    return KeyRow(
        name=key.name,
        mask=mask(key),
        scopes=tuple(key.scopes),
        state=state,
        word=word,
        is_live=state != "off",
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoke_href=reverse("dashboard:api-key-revoke", args=[key.id]),
    )


def key_state(key: ApiKey, now: datetime) -> tuple[StateKind, str]:
    if key.revoked_at:
        return "off", "revoked"
    if key.expires_at and key.expires_at <= now:
        return "off", "expired"
    if key.expires_at and key.expires_at - now < SOON:
        return "due", f"expires in {counted((key.expires_at - now).days + 1, 'day')}"
    return ("done", "in use") if key.last_used_at else ("waiting", "not used yet")


def mask(key: ApiKey) -> str:
    """The lookup id and the last four: enough to know the key by, of no use without the rest."""
    return f"{PREFIX}_{key.lookup_id}_…{key.last_four}"
