"""A confirmation that nobody gives by accident."""

from typing import Any, ClassVar

from django import forms


class TypedForm(forms.Form):
    """The id typed back. Pasting it is allowed."""

    consequence: ClassVar[str]

    typed = forms.CharField(
        label="Type the id to confirm",
        max_length=256,
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, expected: str) -> None:
        super().__init__(data)
        self._expected = expected

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if typed != self._expected:
            raise forms.ValidationError(f"Type {self._expected} to {self.consequence}")
        return typed
