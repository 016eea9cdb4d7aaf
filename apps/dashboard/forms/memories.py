"""What narrows the list of memories, and what an operator changes of one. Always sent by POST."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from apps.common.errors import Invalid
from apps.dashboard.presenters.text import midnight
from apps.dashboard.queries.memories import MemoryState
from apps.memories.conditions import All, AnyOf, Asks, Compare, OneOf, Present, Sealed
from apps.memories.enums import EntityKind
from apps.memories.filters import check_entity_id

if TYPE_CHECKING:
    from apps.memories.conditions import Filter
    from apps.memories.queries.entities import EntityName

EVERYBODY: Filter = AnyOf(tuple(Present(kind) for kind in EntityKind))
SEALED = ("category", "key")


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": f"{label}: choose a date such as 2026-11-21"},
    )


class MemoryFilterForm(forms.Form):
    """Every field may stay empty. What was deleted has neither categories nor metadata."""

    q = forms.CharField(
        max_length=1_000,
        required=False,
        error_messages={"max_length": "Search with at most 1,000 characters"},
    )
    kind = forms.ChoiceField(
        label="Type",
        required=False,
        choices=[("", "any"), *((k.value, k.value) for k in EntityKind)],
    )
    entity = forms.CharField(label="Entity id", required=False, max_length=256)
    category = forms.CharField(label="Category", required=False, max_length=256)
    key = forms.CharField(label="Metadata key", required=False, max_length=256)
    value = forms.CharField(label="Metadata value", required=False, max_length=1_000)
    since = day_field("From")
    until = day_field("To")
    state = forms.ChoiceField(
        label="State", required=False, choices=MemoryState.choices, initial=MemoryState.LIVE
    )

    def clean_entity(self) -> str:
        return str(self.cleaned_data["entity"]).strip()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("entity"):
            self.check_entity(given)
        if given.get("value") and not given.get("key"):
            self.add_error("key", "Name the metadata key that has this value")
        if given.get("q") and self.chosen_state != MemoryState.LIVE:
            self.add_error(
                "state", "A search looks at live memories: choose live, or leave the search empty"
            )
        if self.chosen_state == MemoryState.DELETED and any(given.get(name) for name in SEALED):
            self.add_error("state", "Deleted memories have neither categories nor metadata")
        return given

    def check_entity(self, given: dict[str, Any]) -> None:
        if not given.get("kind"):
            self.add_error("kind", "Choose the type of the entity with this id")
        try:
            check_entity_id(given["entity"], field="Entity id")
        except Invalid as error:
            self.add_error("entity", error.detail)

    @property
    def chosen_state(self) -> MemoryState:
        return MemoryState(self.cleaned_data.get("state") or MemoryState.LIVE)

    @property
    def query(self) -> str:
        return str(self.cleaned_data.get("q", "")).strip()

    @property
    def asked(self) -> dict[str, str]:
        """What was given, to send it once more."""
        return {name: self.data[name] for name in self.fields if self.data.get(name)}

    @property
    def owner(self) -> EntityName | None:
        """The entity that is named."""
        kind, name = self.cleaned_data["kind"], self.cleaned_data["entity"]
        return (EntityKind(kind), name) if kind and name else None

    @property
    def asks_sealed(self) -> bool:
        return bool(self.of_sealed())

    @property
    def filters(self) -> Filter | None:
        """All that was given, as one filter; None where nothing was."""
        sealed = self.of_sealed()
        owners = self.of_entity() or [EVERYBODY] * bool(sealed)  # what is opened needs a bound
        parts = [*owners, *sealed, *self.of_days()]
        return All(tuple(parts)) if parts else None

    def of_entity(self) -> list[Filter]:
        given = self.cleaned_data
        if not given["kind"]:
            return []
        kind = EntityKind(given["kind"])
        return [OneOf(kind, (given["entity"],)) if given["entity"] else Present(kind)]

    def of_sealed(self) -> list[Filter]:
        given = self.cleaned_data
        parts: list[Filter] = []
        if given["category"]:
            parts.append(Sealed(Asks.CATEGORY_IN, (given["category"],)))
        if given["key"]:
            parts.append(match_metadata(given["key"], given["value"]))
        return parts

    def of_days(self) -> list[Filter]:
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        parts: list[Filter] = []
        if since:
            parts.append(Compare("created_at", "gte", midnight(since)))
        if until:
            parts.append(Compare("created_at", "lt", midnight(until + timedelta(days=1))))
        return parts

    @property
    def tokens(self) -> list[tuple[str, str]]:
        """What narrows the list, in the words of its fields."""
        return [
            (str(field.label), str(self.cleaned_data[name]))
            for name, field in self.fields.items()
            if name != "q"
            and self.cleaned_data.get(name)
            and self.cleaned_data[name] != field.initial
        ]


def match_metadata(key: str, value: str) -> Filter:
    """`3` is the number as well as the text: a form can't tell them apart."""
    if not value:
        return Sealed(Asks.METADATA_HAS, key=key)
    as_text = Sealed(Asks.METADATA_IS, value, key)
    try:
        return AnyOf((as_text, Sealed(Asks.METADATA_IS, json.loads(value), key)))
    except ValueError:
        return as_text


class MemoryForm(forms.Form):
    """The text and what stands around it."""

    text = forms.CharField(
        label="Text",
        max_length=settings.MAX_TEXT_LENGTH,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Write the text, or delete the memory"},
    )
    categories = forms.CharField(
        label="Categories", required=False, help_text="Separated by commas", max_length=2_000
    )
    metadata = forms.CharField(
        label="Metadata",
        required=False,
        help_text="A JSON object",
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "class": "input mono"}),
    )
    expires_on = day_field("Last day")

    def clean_categories(self) -> list[str]:
        names = str(self.cleaned_data["categories"]).split(",")
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))

    def clean_metadata(self) -> dict[str, Any]:
        given = str(self.cleaned_data["metadata"]).strip()
        try:
            found = json.loads(given) if given else {}
        except ValueError:
            raise forms.ValidationError('Write a JSON object such as {"channel": "chat"}') from None
        if not isinstance(found, dict):
            raise forms.ValidationError('Write a JSON object such as {"channel": "chat"}')
        if len(json.dumps(found).encode()) > settings.MAX_METADATA_BYTES:
            raise forms.ValidationError(f"Write at most {settings.MAX_METADATA_BYTES:,} bytes")
        return found
