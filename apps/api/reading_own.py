"""What our own paths are asked, as values of the domain."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import QueryDict

from apps.api import reading
from apps.api.reading import Values
from apps.audit.actions import Action, Outcome
from apps.audit.queries import Chosen
from apps.common.actor import ActorKind
from apps.common.errors import Invalid, NotFound
from apps.tenants.enums import DEFAULT_SCOPES

LONGEST_NAME = 200


def read_new_key(body: Values) -> dict[str, Any]:
    """Arguments of `create_api_key`, which says what is right."""
    refuse_unknown(body, ("name", "scopes", "expires_at"))
    scopes = reading.read_names(body, "scopes")
    return {
        "name": reading.read_text(body, "name", limit=LONGEST_NAME),
        "scopes": DEFAULT_SCOPES if scopes is None else scopes,
        "expires_at": reading.read_moment(body, "expires_at"),
    }


def read_new_name(body: Values) -> str:
    refuse_unknown(body, ("name",))
    return reading.read_text(body, "name", limit=LONGEST_NAME)


def read_key_id(text: str) -> UUID:
    """What is no id answers as one that never was."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No API key has this id.") from None


def read_chosen(query: QueryDict) -> Chosen:
    """Which events are asked for."""
    values = _read_once(query, (*CHOICES, "before", "page_size"))
    return Chosen(**{name: read(values, name) for name, read in CHOICES.items() if name in values})


def read_before_id(query: QueryDict) -> UUID | None:
    return _read_id(query, "before") if "before" in query else None


def read_before_number(query: QueryDict) -> int | None:
    values = _read_once(query, ("before", "page_size"))
    return reading.read_int(values, "before", default=0, low=0, high=2**63 - 1) or None


def read_size(query: QueryDict) -> int:
    return reading.read_int(
        query, "page_size", default=settings.PAGE_SIZE, low=1, high=settings.MAX_PAGE_SIZE
    )


def refuse_unknown(values: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    """What is not understood never means "no filter"."""
    if unknown := sorted(values.keys() - set(allowed)):
        raise Invalid(
            f"{unknown[0]} is not known here; allowed are {', '.join(allowed)}.", field=unknown[0]
        )


def _read_once(query: QueryDict, allowed: tuple[str, ...]) -> Values:
    refuse_unknown(query, allowed)
    for name, values in query.lists():
        if len(values) > 1:
            raise Invalid(f"{name} is given twice.", field=name)
    return query.dict()


def _read_id(values: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(values[name])
    except ValueError:
        raise Invalid(f"{name} must be a UUID.", field=name) from None


def _one_of(words: type[Enum]) -> Callable[[Mapping[str, Any], str], Any]:
    def read(values: Mapping[str, Any], name: str) -> Any:
        try:
            return words(values[name])
        except ValueError:
            allowed = ", ".join(str(word.value) for word in words)
            raise Invalid(f"{name} must be one of {allowed}.", field=name) from None

    return read


CHOICES: Mapping[str, Callable[[Mapping[str, Any], str], Any]] = {
    "action": _one_of(Action),
    "outcome": _one_of(Outcome),
    "actor_kind": _one_of(ActorKind),
    "actor_id": _read_id,
    "target_id": _read_id,
    "since": reading.read_moment,
    "until": reading.read_moment,
}
