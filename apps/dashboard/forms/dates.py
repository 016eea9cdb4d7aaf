"""The days that the charts show. Sent by GET: days say nothing about anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from apps.dashboard.presenters.ranges import MOST_DAYS
from apps.dashboard.presenters.text import long_day


class DatesForm(forms.Form):
    """`from` and `to`, both included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = forms.DateField(
                label=label,
                widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
                error_messages={
                    "required": f"Choose the day {label.lower()} which to count",
                    "invalid": "Write a day such as 2026-11-21",
                },
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last:
            if last < first:
                self.add_error("to", f"Choose a day not before {long_day(first)}")
            elif (last - first).days >= MOST_DAYS:
                self.add_error("from", f"Choose at most {MOST_DAYS} days")
            elif first > datetime.now(UTC).date():
                self.add_error("from", "Choose a day that has begun")
        return cleaned
