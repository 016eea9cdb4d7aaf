"""Turns a request's JSON and query into values. Each refusal names the field and what is allowed.

Hand-written instead of serializers: half the time of an add or a search went into those.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from django.conf import settings

from apps.common.errors import Invalid
from apps.common.times import parse_day, parse_moment
from apps.memories.filters import check_text

MOST_NAMES, LONGEST_NAME = 50, 120
TRUE_WORDS, FALSE_WORDS = ("true", "1"), ("false", "0")

Values = Mapping[str, Any]


def read_text(values: Values, name: str, *, limit: int | None = None) -> str:
    """Text that is not only white space."""
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Invalid(f"{name} is required: text that is not empty.", field=name)
    check_text(value, field=name, limit=limit or settings.MAX_TEXT_LENGTH)
    return value


def read_optional(values: Values, name: str, *, limit: int | None = None) -> str | None:
    """Text; None where there is none, or an empty one."""
    if values.get(name) in (None, ""):
        return None
    return read_text(values, name, limit=limit)


def read_bool(values: Values, name: str, *, default: bool) -> bool:
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in TRUE_WORDS + FALSE_WORDS:
        return value.lower() in TRUE_WORDS
    raise Invalid(f"{name} must be true or false.", field=name)


def read_int(values: Values, name: str, *, default: int, low: int, high: int) -> int:
    """A whole number, also as text from a query string."""
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value[:20])
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid(f"{name} must be a whole number from {low} to {high}.", field=name)
    return value


def read_fraction(values: Values, name: str, *, default: float) -> float:
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise Invalid(f"{name} must be a number from 0 to 1.", field=name)
    return float(value)


def read_day(values: Values, name: str) -> date | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        return parse_day(value)
    except ValueError:
        raise Invalid(f"{name} must be a date such as 2027-03-31.", field=name) from None


def read_moment(values: Values, name: str, *, zone: ZoneInfo | None = None) -> datetime | None:
    """Unix seconds, or ISO 8601; without an offset in `zone`, or UTC."""
    value = values.get(name)
    if value is None:
        return None
    try:
        return parse_moment(value, zone=zone)
    except ValueError:
        raise Invalid(
            f"{name} must be Unix seconds or a time such as 2027-03-31T09:30:00Z.", field=name
        ) from None


def read_zone(values: Values, name: str) -> ZoneInfo | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        return ZoneInfo(value)
    except (TypeError, ValueError, OSError, ZoneInfoNotFoundError):
        raise Invalid(
            f"{name} must be an IANA time zone such as Europe/Berlin.", field=name
        ) from None


def read_object(values: Values, name: str) -> dict[str, Any] | None:
    """An object that the database can hold, of at most MAX_METADATA_BYTES as JSON."""
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Invalid(f"{name} must be an object.", field=name)
    try:
        size = len(orjson.dumps(value))
    except (TypeError, ValueError):
        raise Invalid(f"{name} must hold valid Unicode and finite numbers.", field=name) from None
    if size > settings.MAX_METADATA_BYTES:
        raise Invalid(
            f"{name} must have at most {settings.MAX_METADATA_BYTES} bytes as JSON.", field=name
        )
    _refuse_nul(value, name)
    return value


def read_list(values: Values, name: str) -> list[Any] | None:
    value = values.get(name)
    if value is not None and not isinstance(value, list):
        raise Invalid(f"{name} must be a list.", field=name)
    return value


def read_names(values: Values, name: str) -> list[str] | None:
    """A list of short texts, each once."""
    names = read_list(values, name)
    if names is None:
        return None
    if len(names) > MOST_NAMES or not all(isinstance(item, str) and item for item in names):
        raise Invalid(f"{name} must be a list of at most {MOST_NAMES} names.", field=name)
    for item in names:
        check_text(item, field=name, limit=LONGEST_NAME)
    return list(dict.fromkeys(names))


def refuse(values: Values, names: Sequence[str], reason: str) -> None:
    """Raise for the first of these that is given."""
    for name in names:
        if values.get(name) is not None:
            raise Invalid(f"{name} {reason}", field=name)


def _refuse_nul(value: Any, field: str) -> None:
    match value:
        case str() if "\0" in value:
            raise Invalid(f"{field} must not contain NUL.", field=field)
        case dict():
            for key, item in value.items():
                _refuse_nul(key, field)
                _refuse_nul(item, field)
        case list():
            for item in value:
                _refuse_nul(item, field)
