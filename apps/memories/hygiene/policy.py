"""What a tenant does with each kind of what a text may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps.memories.enums import Sensitive, Treatment

SECRETS = (
    Sensitive.API_KEY,
    Sensitive.TOKEN,
    Sensitive.PRIVATE_KEY,
    Sensitive.PASSWORD,
    Sensitive.CARD,
)
PERSONAL = (  # in the order in which they are looked for: a number is what it is first taken for
    Sensitive.EMAIL,
    Sensitive.IBAN,
    Sensitive.NATIONAL_ID,
    Sensitive.IP,
    Sensitive.PHONE,
)
DEFAULTS = dict.fromkeys(SECRETS, Treatment.REDACT) | dict.fromkeys(PERSONAL, Treatment.STORE)


@dataclass(frozen=True)
class Policy:
    """`countries` are those whose ways of writing telephone numbers and national ids are known."""

    treatments: Mapping[Sensitive, Treatment] = field(default_factory=lambda: DEFAULTS)
    countries: Sequence[str] = ()

    @cached_property
    def has_secrets(self) -> bool:
        """Whether texts are searched for secrets."""
        return any(self.treatments[kind] != Treatment.STORE for kind in SECRETS)

    @cached_property
    def personal(self) -> Sequence[Sensitive]:
        """What else they are searched for."""
        return [kind for kind in PERSONAL if self.treatments[kind] != Treatment.STORE]


def write_policy(policy: Policy) -> dict[str, Any]:
    """As it is kept: only what differs from the defaults."""
    changed = {kind: one for kind, one in policy.treatments.items() if one != DEFAULTS[kind]}
    kept = {"treatments": changed, "countries": list(policy.countries)}
    return {name: value for name, value in kept.items() if value}


def read_policy(kept: Mapping[str, Any]) -> Policy:
    changed = {Sensitive(kind): Treatment(one) for kind, one in kept.get("treatments", {}).items()}
    return Policy(DEFAULTS | changed, tuple(kept.get("countries", ())))
