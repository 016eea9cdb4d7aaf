"""Passages about others, one a line, and memories that are left out whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from apps.dashboard.forms.purges import read_id

if TYPE_CHECKING:
    from uuid import UUID


class RedactForm(forms.Form):
    passages = forms.CharField(
        label="Passages about others",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line. Each is replaced wherever it stands in the copy, in whatever case",
    )

    def read_passages(self) -> list[str]:
        given = self.cleaned_data if self.is_valid() else {}
        return str(given.get("passages", "")).splitlines()

    def read_ids(self, name: str) -> list[UUID]:
        given: Any = self.data
        return list(filter(None, map(read_id, given.getlist(name))))
