"""Allauth's forms of second factors, in our words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.core.exceptions import ValidationError

from apps.dashboard.forms.sign_in import LOCKED, WithoutPlaceholders

WRONG_CODE = "The code is wrong, was used already, or is too old"
TOO_MANY = "Too many tries. Wait some minutes, then try again"


class CodeWords(WithoutPlaceholders):
    label, hint = "Code", ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.label, field.help_text = self.label, self.hint
        field.error_messages["required"] = "Enter the code"
        field.widget.attrs["inputmode"] = "numeric"

    def clean_code(self) -> Any:
        try:
            return super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            is_locked = error.code in {LOCKED, "rate_limited"}
            raise ValidationError(TOO_MANY if is_locked else WRONG_CODE) from None


class CodeForm(CodeWords, AuthenticateForm):  # type: ignore[misc]
    hint = "Six digits of your authenticator app, or one of your recovery codes"


class ConfirmCodeForm(CodeWords, ReauthenticateForm):  # type: ignore[misc]
    hint = CodeForm.hint


class AppForm(CodeWords, ActivateTOTPForm):  # type: ignore[misc]
    label, hint = "Code that the app shows", "Six digits, which change every half minute"


class PasskeyForm(WithoutPlaceholders, AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["name"].help_text = "Which device or password manager keeps it"
        self.fields["name"].max_length = 80
