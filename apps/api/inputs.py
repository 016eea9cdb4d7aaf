"""The bodies and queries of the mem0 wire as values of the domain."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from apps.api import reading
from apps.api.narrowing import ENTITY_FIELDS, read_filters, refuse_disagreement
from apps.api.reading import Values
from apps.common.errors import Invalid
from apps.memories.conditions import Filter
from apps.memories.domain.values import NO_GUIDANCE, Guidance, NewMemories, NewMessage, Repeat
from apps.memories.enums import EntityKind, MessageRole
from apps.memories.filters import WILDCARD, check_entity_id, check_text

GUIDANCE_FIELDS = frozenset(
    {
        "custom_instructions",
        "agent_custom_instructions",
        "custom_categories",
        "includes",
        "excludes",
        "timezone",
    }
)


@dataclass(frozen=True, slots=True)
class SearchInput:
    query: str
    filters: Filter
    top_k: int
    threshold: float
    has_expired: bool
    today: date | None
    is_explained: bool
    fields: list[str] | None


@dataclass(frozen=True, slots=True)
class PageInput:
    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def read_add(body: Values) -> NewMemories:
    zone = reading.read_zone(body, "timezone")
    moments = [
        reading.read_moment(body, name, zone=zone)
        for name in ("timestamp", "observation_datetime", "observation_date")
    ]
    reading.read_bool(body, "infer", default=True)
    return NewMemories(
        messages=_read_messages(body),
        entity_ids=_read_entity_ids(body),
        created_at=next((moment for moment in moments if moment), timezone.now()),
        metadata=reading.read_object(body, "metadata"),
        categories=reading.read_names(body, "categories") or (),
        expires_on=reading.read_day(body, "expiration_date"),
        is_immutable=reading.read_bool(body, "immutable", default=False),
        guidance=_read_guidance(body),
    )


def read_repeat(key: str | None, body: Values) -> Repeat | None:
    """The header Idempotency-Key with the body that it was sent with."""
    if key is None:
        return None
    if not key.strip() or len(key) > settings.MAX_ID_LENGTH:
        raise Invalid(
            f"Idempotency-Key must have 1 to {settings.MAX_ID_LENGTH} characters.",
            field="Idempotency-Key",
        )
    return Repeat(key, json.dumps(body, sort_keys=True).encode())


def read_search(body: Values, *, threshold: float = 0.1) -> SearchInput:
    reading.read_text(body, "query")  # what is missing first is named first
    return read_question(body, read_filters(body), threshold=threshold)


def read_question(body: Values, filters: Filter, *, threshold: float) -> SearchInput:
    """Everything of a search but its filters; `threshold` where the body names none."""
    moment = reading.read_moment(body, "reference_date")
    for name in ("latest_only", "keyword_search", "rerank"):
        reading.read_bool(body, name, default=False)
    return SearchInput(
        query=reading.read_text(body, "query").strip(),
        filters=filters,
        top_k=reading.read_int(body, "top_k", default=10, low=1, high=settings.MAX_TOP_K),
        threshold=reading.read_fraction(body, "threshold", default=threshold),
        has_expired=reading.read_bool(body, "show_expired", default=False),
        today=moment.date() if moment else None,
        is_explained=reading.read_bool(body, "explain", default=False),
        fields=reading.read_list(body, "fields"),
    )


def read_page(query: QueryDict | Values, body: Values | None = None) -> PageInput:
    """From the query string, else the body; either may come alone."""
    values = {**(body or {}), **{name: query[name] for name in query}}
    return PageInput(
        number=reading.read_int(values, "page", default=1, low=1, high=10**9),
        size=reading.read_int(
            values, "page_size", default=settings.PAGE_SIZE, low=1, high=settings.MAX_PAGE_SIZE
        ),
    )


def read_update(body: Values) -> dict[str, Any]:
    """The changes asked for, as arguments of `update_memory`."""
    changes: dict[str, Any] = {}
    if body.get("text") is not None:
        changes["text"] = reading.read_text(body, "text")
    if "metadata" in body:
        changes["metadata"] = reading.read_object(body, "metadata")
    if "categories" in body:
        changes["categories"] = reading.read_names(body, "categories") or ()
    if body.get("timestamp") is not None:
        changes["created_at"] = reading.read_moment(body, "timestamp")
    if "expiration_date" in body:
        changes["expires_on"] = reading.read_day(body, "expiration_date")
    if not changes:
        raise Invalid(
            "Give at least one of text, metadata, categories, timestamp, expiration_date.",
            field="text",
        )
    return changes


def read_memory_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("memory_id should be a valid UUID", field="memory_id") from None


def _read_messages(body: Values) -> list[NewMessage]:
    """User's and assistant's messages; a system message is an instruction, not a memory."""
    raw = body.get("messages")
    if not isinstance(raw, list) or not raw or len(raw) > settings.MAX_MESSAGES:
        raise Invalid(
            f"messages must be a list of 1 to {settings.MAX_MESSAGES} messages.", field="messages"
        )
    messages = [_read_message(item) for item in raw]
    kept = [message for message in messages if message.role != MessageRole.SYSTEM]
    if not kept:
        raise Invalid("messages must hold one of the user or the assistant.", field="messages")
    return kept


def _read_message(raw: Any) -> NewMessage:
    if not isinstance(raw, dict) or raw.get("role") not in MessageRole.values:
        roles = ", ".join(MessageRole.values)
        raise Invalid(f"messages must have a role ({roles}) and content.", field="messages")
    content, name = raw.get("content"), raw.get("name") or ""
    if not isinstance(content, str) or not content.strip() or not isinstance(name, str):
        raise Invalid(
            "messages must have content that is text and not empty, and a name that is text.",
            field="messages",
        )
    check_text(content, field="messages", limit=settings.MAX_TEXT_LENGTH)
    check_text(name, field="messages", limit=settings.MAX_ID_LENGTH)
    return NewMessage(content=content, role=MessageRole(raw["role"]), name=name.strip())


def _read_entity_ids(body: Values) -> dict[EntityKind, str]:
    """From the top level or from `filters`, where some clients put them; both must agree."""
    nested = body.get("filters") or {}
    if not isinstance(nested, dict) or nested.keys() - ENTITY_FIELDS.keys():
        raise Invalid(f"filters may hold {', '.join(ENTITY_FIELDS)} here.", field="filters")
    refuse_disagreement(body, nested)
    given = {name: body.get(name, nested.get(name)) for name in ENTITY_FIELDS}
    ids = {
        ENTITY_FIELDS[name]: _check_owner(value, name)
        for name, value in given.items()
        if value is not None
    }
    if not ids:
        raise Invalid("Give at least one of user_id, agent_id, app_id, run_id.", field="user_id")
    return ids


def _check_owner(value: Any, name: str) -> str:
    if not isinstance(value, str) or value == WILDCARD:
        raise Invalid(f"{name} must be text other than {WILDCARD}.", field=name)
    return check_entity_id(value, field=name)


def _read_guidance(body: Values) -> Guidance:
    """A user's conversation follows custom_instructions, an agent's alone its own if it has any."""
    if not body.keys() & GUIDANCE_FIELDS:
        return NO_GUIDANCE
    own = body.get("agent_custom_instructions")
    is_agents = own and body.get("agent_id") and not body.get("user_id")
    zone = reading.read_zone(body, "timezone")
    return Guidance(
        instructions=_read_hint(
            body, "agent_custom_instructions" if is_agents else "custom_instructions"
        ),
        categories=_read_categories(body),
        includes=_read_hint(body, "includes"),
        excludes=_read_hint(body, "excludes"),
        zone=zone.key if zone else "UTC",
    )


def _read_hint(body: Values, name: str) -> str:
    value = body.get(name)
    if value is None or value == "":
        return ""
    return reading.read_text(body, name, limit=settings.MAX_GUIDANCE_LENGTH)


def _read_categories(body: Values) -> dict[str, str]:
    """`[{name: description}, ...]` as one mapping."""
    categories: dict[str, str] = {}
    for item in reading.read_list(body, "custom_categories") or ():
        if not isinstance(item, dict):
            kind = type(item).__name__
            raise Invalid(
                f'Expected a dictionary of items but got type "{kind}".', field="custom_categories"
            )
        categories |= {name: about or "" for name, about in item.items()}
    for text in (*categories, *categories.values()):
        if not isinstance(text, str):
            raise Invalid("custom_categories must be texts.", field="custom_categories")
        check_text(text, field="custom_categories", limit=settings.MAX_GUIDANCE_LENGTH)
    if sum(map(len, (*categories, *categories.values()))) > settings.MAX_GUIDANCE_LENGTH:
        raise Invalid(
            f"custom_categories must have at most {settings.MAX_GUIDANCE_LENGTH} characters.",
            field="custom_categories",
        )
    return categories
