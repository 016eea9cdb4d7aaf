from __future__ import annotations

from django import forms

from apps.accounts.models import NAME_LENGTH

NAME_NEEDED = f"Enter a name of 1 to {NAME_LENGTH} characters"


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        help_text="As other operators see it",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": NAME_NEEDED, "max_length": NAME_NEEDED},
    )
