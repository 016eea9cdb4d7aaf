"""Inviting, roles, and accounts."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.tenants.domain.tenants import NAME_LENGTH, SLUG_LENGTH
from apps.tenants.enums import Role

ROLES = {
    Role.OWNER: "owner: everything in this tenant, operators and keys included",
    Role.PRIVACY_OFFICER: "privacy officer: requests of persons, audit trail, settings of both",
    Role.EDITOR: "editor: read and change memories",
    Role.VIEWER: "viewer: read memories",
}
ADDRESS_NEEDED = "Enter an e-mail, such as name@example.org"
TENANT_NAME = f"Give the tenant a name of 1 to {NAME_LENGTH} characters"


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label="Role", choices=ROLES.items(), error_messages={"required": "Choose a role"}
    )


class InviteForm(RoleForm):
    email = forms.EmailField(
        label="E-mail",
        help_text="The link works for this address only",
        error_messages={"required": ADDRESS_NEEDED, "invalid": ADDRESS_NEEDED},
    )


class JoinForm(forms.Form):
    """For an invited person without an account."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="As other operators see it",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Enter your name"},
    )
    password = forms.CharField(
        label="Password",
        help_text="At least 8 characters; a few words are better than one",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password"},
    )


class RenameForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        error_messages={"required": TENANT_NAME, "max_length": TENANT_NAME},
    )


class TenantForm(RenameForm):
    slug = forms.CharField(
        label="Slug",
        required=False,
        max_length=SLUG_LENGTH,
        help_text="What scripts name it by; it never changes. Made of the name where it is empty",
    )


class DeleteForm(forms.Form):
    """The e-mail address typed back. Pasting it is allowed."""

    typed = forms.CharField(
        label="Type the e-mail address to confirm",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, expected: str) -> None:
        super().__init__(data)
        self._expected = expected

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip().lower()
        if typed != self._expected:
            raise forms.ValidationError(f"Type {self._expected} to delete the operator")
        return typed
