"""What is typed into a search box. Always sent by POST: ids and questions stay out of URLs."""

from __future__ import annotations

from django import forms


class FindForm(forms.Form):
    q = forms.CharField(
        max_length=256,
        required=False,
        error_messages={"max_length": "Find takes at most 256 characters"},
    )

    @property
    def text(self) -> str:
        """What to look for; empty when nothing was typed or it can't be used."""
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""

    @property
    def error(self) -> str:
        return next((str(errors[0]) for errors in self.errors.values()), "")


class SearchForm(FindForm):
    q = forms.CharField(
        max_length=1_000,
        required=False,
        error_messages={"max_length": "Search with at most 1,000 characters"},
    )
