"""An operator's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from allauth.usersessions.models import UserSession

    from apps.dashboard.presenters.parts import StateKind

KINDS = Authenticator.Type
BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    name: str
    added_at: datetime
    last_used_at: datetime | None
    remove_href: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    browser: str
    address: str
    began_at: datetime
    is_current: bool
    end_href: str


@dataclass(frozen=True, slots=True)
class Factors:
    has_app: bool
    app_used_at: datetime | None
    passkeys: tuple[PasskeyRow, ...]
    codes_left: int | None  # None: none were made

    @property
    def state(self) -> StateKind:
        return "done" if self.has_app or self.passkeys else "due"

    @property
    def words(self) -> str:
        return "on" if self.has_app or self.passkeys else "off: a password alone opens this account"


def factors(found: Sequence[Authenticator]) -> Factors:
    by_kind = {one.type: one for one in found}
    app, codes = by_kind.get(KINDS.TOTP), by_kind.get(KINDS.RECOVERY_CODES)
    return Factors(
        has_app=app is not None,
        app_used_at=app.last_used_at if app else None,
        passkeys=tuple(passkey_row(one) for one in found if one.type == KINDS.WEBAUTHN),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
    )


def passkey_row(one: Authenticator) -> PasskeyRow:
    return PasskeyRow(
        name=str(one.wrap().name),
        added_at=one.created_at,
        last_used_at=one.last_used_at,
        remove_href=reverse("mfa_remove_webauthn", args=[one.pk]),
    )


def session_row(one: UserSession, *, own_key: str | None) -> SessionRow:
    return SessionRow(
        browser=browser_name(one.user_agent),
        address=one.ip,
        began_at=one.created_at,
        is_current=one.session_key == own_key,
        end_href=reverse("dashboard:account-session-end", args=[one.pk]),
    )


def browser_name(agent: str) -> str:
    """`Firefox on Linux`, as far as the browser tells."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
