"""Texts without what a tenant does not store."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from apps.common.errors import Invalid
from apps.memories.enums import Sensitive, Treatment
from apps.memories.hygiene.parts import Part
from apps.memories.hygiene.personal_forms import find_personal
from apps.memories.hygiene.policy import Policy
from apps.memories.hygiene.secret_forms import find_secrets, is_label

WORDS = {
    Sensitive.API_KEY: "secret",
    Sensitive.TOKEN: "secret",
    Sensitive.PRIVATE_KEY: "secret",
    Sensitive.PASSWORD: "secret",
}


class Cleaner:
    """For the texts of one write. `redacted` counts what was taken out, by kind.

    Where nobody waits who could mend the text, `refuses` is False: what is refused is redacted.
    """

    def __init__(self, policy: Policy, *, refuses: bool = True) -> None:
        self.redacted: Counter[str] = Counter()
        self._policy = policy
        self._refuses = refuses

    def clean(self, text: str, *, field: str) -> str:
        """The text to be stored. Invalid, with the field and the kind, where it is refused."""
        if self._policy.has_secrets:
            text = self._remove(text, find_secrets(text), field)
        for kind in self._policy.personal:
            text = self._remove(text, find_personal(text, kind, self._policy.countries), field)
        return text

    def clean_optional(self, text: str | None, *, field: str) -> str | None:
        return self.clean(text, field=field) if text else text

    def clean_values(self, value: Any, *, field: str) -> Any:
        """The same with all texts in it, names of members too.

        A member may be a secret by its name alone: {"password": "..."}.
        """
        match value:
            case str():
                return self.clean(value, field=field)
            case dict():
                return {
                    self.clean(name, field=field): self._clean_member(name, item, field)
                    for name, item in value.items()
                }
            case list() | tuple():
                return [self.clean_values(item, field=field) for item in value]
        return value

    def _clean_member(self, name: str, value: Any, field: str) -> Any:
        value = self.clean_values(value, field=field)
        is_secret = isinstance(value, str) and value and is_label(name)
        if not is_secret or value == f"[{WORDS[Sensitive.PASSWORD]} removed]":
            return value
        return self._remove(value, [Part(Sensitive.PASSWORD, 0, len(value))], field)

    def _remove(self, text: str, parts: Iterable[Part], field: str) -> str:
        pieces, end = [], 0
        for kind, start, stop in parts:
            treatment = self._policy.treatments[kind]
            if treatment == Treatment.STORE:
                continue
            if treatment == Treatment.REFUSE and self._refuses:
                raise Invalid(
                    f"{field} holds something that this tenant does not store: {kind.label}.",
                    field=field,
                )
            self.redacted[kind.value] += 1
            pieces += [text[end:start], f"[{WORDS.get(kind, kind.label)} removed]"]
            end = stop
        return "".join((*pieces, text[end:])) if pieces else text
