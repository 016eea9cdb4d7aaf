"""What a tenant says about itself to people, and how it handles their requests."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from apps.privacy.domain.particulars import LONGEST, Handling, Said

LABELS = {
    "controller": ("Controller", "Name and address of who is responsible (Art. 13)"),
    "contact": ("Contact", "Where people reach you about their data"),
    "officer": ("Data protection officer", "If there is one"),
    "purposes": ("Purposes", "What memories are kept for"),
    "legal_basis": ("Legal basis", "Art. 6 GDPR"),
    "recipients": ("Recipients", "Who gets the data: hosts of embeddings or an LLM too"),
    "retention": ("Kept for", "Until when, or by which criteria"),
    "authority": ("Supervisory authority", "Where people may complain"),
}
FLAGS = {
    "has_four_eyes": "A second person approves each erasure",
    "has_api_approval": "Requests that applications pass on wait for approval",
    "is_blocking": "An erased id stays blocked, as a keyed hash",
}


class ParticularsForm(forms.Form):
    holidays = forms.CharField(
        label="Holidays",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="One date a line, such as 2026-12-25. A term that ends on one ends a day later",
    )

    def __init__(self, data: Any = None, *, handling: Handling | None = None) -> None:
        super().__init__(data, initial=write_initial(handling) if handling else None)
        said = {name: make_text(label, hint) for name, (label, hint) in LABELS.items()}
        flags = {
            name: forms.BooleanField(label=label, required=False) for name, label in FLAGS.items()
        }
        self.fields = said | dict(self.fields) | flags

    def clean_holidays(self) -> list[date]:
        lines = str(self.cleaned_data["holidays"]).split()
        try:
            return [date.fromisoformat(line) for line in lines]
        except ValueError:
            raise forms.ValidationError("Write each holiday as 2026-12-25") from None

    @property
    def handling(self) -> Handling:
        given = self.cleaned_data
        return Handling(
            said=Said(**{name: given[name] for name in LABELS}),
            holidays=given["holidays"],
            **{name: given[name] for name in FLAGS},
        )


def make_text(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
    )


def write_initial(handling: Handling) -> dict[str, Any]:
    said = {name: getattr(handling.said, name) for name in LABELS}
    holidays = "\n".join(day.isoformat() for day in handling.holidays)
    return said | {"holidays": holidays} | {name: getattr(handling, name) for name in FLAGS}
