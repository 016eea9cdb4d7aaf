"""What narrows the audit trail. Only our own ids, words and dates, so it may stand in a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from apps.audit.actions import Action, Outcome
from apps.tenants.enums import ReadAudit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

SYSTEM = "system"


def day_field(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    message = f"{label}: choose a date such as 2026-11-21"
    return forms.DateField(
        label=label, required=False, widget=widget, error_messages={"invalid": message}
    )


class TrailFilterForm(forms.Form):
    """Every field may stay empty. `actors` are the ids and names that `who` offers."""

    who = forms.ChoiceField(label="Who", required=False)
    action = forms.ChoiceField(
        label="Action",
        required=False,
        choices=[("", "any"), *((one.value, one.value) for one in Action)],
    )
    target = forms.UUIDField(
        label="Target",
        required=False,
        error_messages={"invalid": "Target: paste a whole id of ours"},
    )
    outcome = forms.ChoiceField(
        label="Outcome",
        required=False,
        choices=[("", "any"), *((one.value, one.value) for one in Outcome)],
    )
    since = day_field("From")
    until = day_field("To")

    def __init__(self, data: Any, *, actors: Iterable[tuple[UUID, str]]) -> None:
        super().__init__(data)
        who: Any = self.fields["who"]
        known = [(str(actor_id), name) for actor_id, name in actors]
        who.choices = [("", "anyone"), (SYSTEM, "System"), *known]

    @property
    def given(self) -> dict[str, Any]:
        """What was chosen, by field; nothing where something is wrong."""
        if not self.is_valid():
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> dict[str, str]:
        """The same as it stands in a URL."""
        return {name: str(value) for name, value in self.given.items()}


class ReadAuditForm(forms.Form):
    which = forms.ChoiceField(
        choices=ReadAudit.choices, error_messages={"required": "Choose which reads are audited"}
    )
