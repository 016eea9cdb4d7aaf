"""How a new API key is asked for; what makes one right is the domain's to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from apps.dashboard.presenters.text import midnight
from apps.tenants.domain.api_keys import NAME_LENGTH
from apps.tenants.enums import DEFAULT_SCOPES, ApiScope

if TYPE_CHECKING:
    from datetime import datetime

NAME_NEEDED = f"Give the key a name of 1 to {NAME_LENGTH} characters"
SCOPES = {
    ApiScope.READ: "read: get, list and search",
    ApiScope.WRITE: "write: add and change",
    ApiScope.DELETE: "delete: delete memories",
    ApiScope.PRIVACY: "privacy: open and follow requests of persons",
    ApiScope.ADMIN: "admin: change settings of the tenant",
}


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        help_text="Which application has it, such as booking-app",
        error_messages={"required": NAME_NEEDED, "max_length": NAME_NEEDED},
    )
    scopes = forms.MultipleChoiceField(
        label="Scopes",
        help_text="What it may do; fewer are safer",
        choices=SCOPES.items(),
        initial=[scope.value for scope in DEFAULT_SCOPES],
        error_messages={"required": "Choose at least one scope"},
    )
    expires_at = forms.DateField(
        label="Expires on",
        required=False,
        help_text="Refused from the beginning of this day, UTC. Without a day it does not expire",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Choose a day such as 2027-11-21"},
    )

    def clean_expires_at(self) -> datetime | None:
        day = self.cleaned_data["expires_at"]
        return midnight(day) if day else None
