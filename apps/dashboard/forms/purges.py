"""Which memories of an entity are to go, and the id typed back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from apps.dashboard.forms.typed import TypedForm
from apps.privacy.domain.purging import Choice


class ChooseForm(forms.Form):
    """Checks on a page, or `all` with the days by which the list was filtered."""

    all = forms.BooleanField(required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def read_choice(self) -> Choice:
        """Call after `is_valid`. What is no id of ours matches nothing."""
        days = {name: self.cleaned_data[name] for name in ("since", "until")}
        if self.cleaned_data["all"]:
            return Choice(**days)
        given: Any = self.data
        return Choice(memory_ids=list(filter(None, map(read_id, given.getlist("memory")))))


class DaysForm(forms.Form):
    """Between which days the memories of a list are dated."""

    since = forms.DateField(
        label="Dated from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    @property
    def days(self) -> dict[str, Any]:
        """Those that are set; none where one of them is no day."""
        given = self.cleaned_data if self.is_valid() else {}
        return {name: day for name, day in given.items() if day}


class PurgeForm(TypedForm):
    consequence = "purge its memories"


def read_id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
