"""Sign-in with one wording for a wrong e-mail and a wrong password, and an end to each lock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError

from apps.dashboard.presenters import text

WRONG = "The e-mail or the password is wrong"
LOCKED = "too_many_login_attempts"
APP, ACTION = "allauth.account", "login_failed"


class WithoutPlaceholders:
    """The label says what a field is for; a placeholder would say it twice and then vanish."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)


class SignInForm(WithoutPlaceholders, LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        for name, missing in (("login", "Enter your e-mail"), ("password", "Enter your password")):
            field = self.fields[name]
            field.help_text = ""
            field.error_messages["required"] = missing
        self.fields["login"].error_messages["invalid"] = "Enter an e-mail, such as name@example.org"

    def clean(self) -> Any:
        try:
            return super().clean()
        except ValidationError as error:
            if error.code != LOCKED:
                raise ValidationError(WRONG, code="wrong") from None
            raise ValidationError(self.say_locked(), code=LOCKED) from None

    def say_locked(self) -> str:
        ends = locked_until(self.request, self.cleaned_data.get("login", ""))
        if ends is None:
            return "Too many tries. Wait some minutes, then try again"
        return f"Too many tries. Sign-in for this e-mail is locked until {text.clock(ends)} UTC"


def locked_until(request: Any, login: str) -> datetime | None:
    """When the oldest try that counts against this e-mail or address no longer counts."""
    key = get_adapter()._get_login_attempts_cache_key(request, email=login)
    ends = [
        history[rate.amount - 1] + rate.duration
        for rate in ratelimit.get_rates(app=APP, action=ACTION)
        if len(history := read_history(request, rate, key)) >= rate.amount
    ]
    late = max((end for end in ends if end > time.time()), default=None)
    return late and datetime.fromtimestamp(late, tz=UTC)


def read_history(request: Any, rate: Any, key: str) -> list[float]:
    name = ratelimit.get_cache_key(request, app=APP, action=ACTION, rate=rate, key=key)
    history: list[float] = cache.get(name, [])
    return history


class ConfirmForm(WithoutPlaceholders, ReauthenticateForm):  # type: ignore[misc]
    pass


class PasswordForm(WithoutPlaceholders, ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password, again"
