"""How long a tenant keeps entities of each kind."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.memories.enums import EntityKind
from apps.privacy.domain.retention import LONGEST_DAYS, Term, Terms
from apps.privacy.enums import Since


def a_or_an(kind: EntityKind) -> str:
    return f"an {kind.value}" if kind in {EntityKind.AGENT, EntityKind.APP} else f"a {kind.value}"


class RetentionForm(forms.Form):
    def __init__(self, data: Any = None, *, terms: Terms) -> None:
        initial: dict[str, Any] = {}
        for kind, term in terms.items():
            initial |= {f"{kind}_days": term.days, f"{kind}_since": term.since}
        super().__init__(data, initial=initial)
        for kind in EntityKind:
            self.fields[f"{kind}_days"] = forms.IntegerField(
                label=f"Days that {a_or_an(kind)} is kept",
                help_text="Empty: until it is erased",
                required=False,
                min_value=1,
                max_value=LONGEST_DAYS,
            )
            self.fields[f"{kind}_since"] = forms.ChoiceField(
                label=f"Counted for {a_or_an(kind)} since its", choices=Since.choices
            )

    @property
    def terms(self) -> dict[EntityKind, Term]:
        given = self.cleaned_data
        return {
            kind: Term(given[f"{kind}_days"], Since(given[f"{kind}_since"]))
            for kind in EntityKind
            if given[f"{kind}_days"]
        }
