"""What a tenant does not store, and a text to try it with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from apps.memories.enums import Sensitive, Treatment
from apps.memories.hygiene.policy import PERSONAL, SECRETS, Policy

if TYPE_CHECKING:
    from django.forms import BoundField

LONGEST_TRY = 5_000
HINTS = {
    Sensitive.API_KEY: "By the prefixes of known issuers",
    Sensitive.TOKEN: "JSON Web Tokens, and what follows Bearer",
    Sensitive.PRIVATE_KEY: "PEM",
    Sensitive.PASSWORD: "What follows password=, api key: and the like",
    Sensitive.CARD: "By length, beginning and check digit",
    Sensitive.PHONE: "With a + everywhere; as dialled at home in the countries below",
    Sensitive.NATIONAL_ID: "Of the countries below, else of all that are known",
}


class HygieneForm(forms.Form):
    countries = forms.CharField(
        label="Countries",
        required=False,
        max_length=200,
        help_text="Two letters each, such as DE FR: whose telephone numbers and national ids",
    )
    text = forms.CharField(
        label="Try it",
        required=False,
        max_length=LONGEST_TRY,
        widget=forms.Textarea,
        help_text="What would become of this text under the choices above; nothing is stored",
    )

    def __init__(self, data: Any = None, *, policy: Policy) -> None:
        super().__init__(data, initial=write_initial(policy))
        kinds = {kind.value: make_choice(kind) for kind in (*SECRETS, *PERSONAL)}
        self.fields = kinds | dict(self.fields)

    def clean_countries(self) -> list[str]:
        codes = str(self.cleaned_data["countries"]).replace(",", " ").upper().split()
        return list(dict.fromkeys(codes))

    @property
    def secrets(self) -> list[BoundField]:
        return [self[kind.value] for kind in SECRETS]

    @property
    def personal(self) -> list[BoundField]:
        return [self[name] for name in (*(kind.value for kind in PERSONAL), "countries")]

    @property
    def policy(self) -> Policy:
        given = self.cleaned_data
        treatments = {kind: Treatment(given[kind.value]) for kind in Sensitive}
        return Policy(treatments, tuple(given["countries"]))


def make_choice(kind: Sensitive) -> forms.ChoiceField:
    label = str(kind.label)
    return forms.ChoiceField(
        label=label[0].upper() + label[1:],
        choices=Treatment.choices,
        help_text=HINTS.get(kind, ""),
    )


def write_initial(policy: Policy) -> dict[str, Any]:
    chosen = {kind.value: one.value for kind, one in policy.treatments.items()}
    return chosen | {"countries": " ".join(policy.countries)}
