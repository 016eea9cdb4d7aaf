"""The body of a request of a person as a value of the domain."""

from typing import Any
from uuid import UUID

from apps.api import reading
from apps.api.reading import Values
from apps.common.errors import Invalid, NotFound
from apps.memories.enums import EntityKind
from apps.memories.filters import check_entity_id, check_text
from apps.privacy.domain.values import Correction, NewRequest
from apps.privacy.enums import RequestKind, Via

SUBJECT_FIELDS = {f"{kind.value}_id": kind for kind in EntityKind}
LONGEST_REFERENCE = 200
MOST_CORRECTIONS = 100


def read_new_request(body: Values, repeat_key: str) -> NewRequest:
    check_text(repeat_key, field="Idempotency-Key", limit=LONGEST_REFERENCE)
    kind, name = _read_subject(body)
    return NewRequest(
        kind=_read_kind(body),
        subject_kind=kind,
        subject_name=name,
        via=Via.API,
        reference=_read_reference(body),
        corrections=[_read_correction(one) for one in _read_corrections(body)],
        is_lift=reading.read_bool(body, "lift", default=False),
        repeat_key=repeat_key,
    )


def read_request_id(text: str) -> UUID:
    """What is no id answers as one that never was."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Request not found!") from None


def _read_kind(body: Values) -> RequestKind:
    try:
        return RequestKind(str(body.get("kind")))
    except ValueError:
        raise Invalid(f"kind must be one of {', '.join(RequestKind)}.", field="kind") from None


def _read_subject(body: Values) -> tuple[EntityKind, str]:
    given = [name for name in SUBJECT_FIELDS if body.get(name) is not None]
    if len(given) != 1:
        raise Invalid(f"Give one of {', '.join(SUBJECT_FIELDS)}.", field="user_id")
    [name] = given
    return SUBJECT_FIELDS[name], check_entity_id(body[name], field=name)


def _read_reference(body: Values) -> str:
    if body.get("reference") is None:
        return ""
    return reading.read_text(body, "reference", limit=LONGEST_REFERENCE)


def _read_corrections(body: Values) -> list[Any]:
    corrections = reading.read_list(body, "corrections") or []
    if len(corrections) > MOST_CORRECTIONS:
        raise Invalid(f"A request takes {MOST_CORRECTIONS} corrections.", field="corrections")
    return corrections


def _read_correction(one: Any) -> Correction:
    try:
        memory_id = UUID(one["memory_id"])
        text = reading.read_text(one, "text")
    except (TypeError, KeyError, ValueError, AttributeError, Invalid):
        raise Invalid(
            'Each of corrections is {"memory_id", "text"}: an id, and text that is not empty.',
            field="corrections",
        ) from None
    return Correction(memory_id, text)
