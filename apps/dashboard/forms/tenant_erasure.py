"""The slug of the tenant typed back."""

from __future__ import annotations

from typing import Any

from django import forms


class EraseTenantForm(forms.Form):
    """Pasting it is allowed."""

    typed = forms.CharField(
        label="Type the slug of the tenant to confirm",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, expected: str) -> None:
        super().__init__(data)
        self._expected = expected

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if typed != self._expected:
            raise forms.ValidationError(f"Type {self._expected} to erase the tenant")
        return typed
