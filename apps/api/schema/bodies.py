"""What clients send, by name. What is not named here is left alone."""

from typing import Any

from apps.api.schema.shapes import (
    ANY,
    BOOL,
    DAY,
    OBJECT,
    TEXT,
    UUID,
    Shape,
    ask,
    list_of,
    map_of,
    one_of,
    or_null,
    ref,
    say,
    whole,
)
from apps.memories.enums import EntityKind, FeedbackVerdict, MessageRole, WebhookEvent
from apps.privacy.enums import RequestKind
from apps.tenants.enums import ApiScope

ID: Shape = {"type": "string", "minLength": 1}
WORDS: Shape = {"type": "string", "minLength": 1}
MAYBE_TIME = or_null({"anyOf": [{"type": "string"}, {"type": "number"}]})
METADATA = or_null(OBJECT)
NAMES = list_of(WORDS, maxItems=50)
WHO = {f"{kind.value}_id": ID for kind in EntityKind}
FIELDS = say(or_null(list_of(TEXT)), "Which fields of a memory are answered; all without it.")

COMPARED = say(ANY, "A value, or an object of operators.")
TREE = say(list_of(ref("Filters"), minItems=1), "Conditions, which nest.")
PAGED = {
    "page": {"type": "integer", "minimum": 1},
    "page_size": {"type": "integer", "minimum": 1},
}
NARROWING = {
    "categories": or_null(list_of(WORDS, minItems=1)),
    "metadata": METADATA,
    "keywords": or_null(WORDS),
    "start_date": MAYBE_TIME,
    "end_date": MAYBE_TIME,
    "show_expired": or_null(BOOL),
    "fields": FIELDS,
}
QUESTION = {
    "query": WORDS,
    "top_k": whole(1, 1000, 10),
    "threshold": {"type": "number", "minimum": 0, "maximum": 1},
    "reference_date": MAYBE_TIME,
    "explain": BOOL,
    **NARROWING,
}
HINTS = {
    "custom_instructions": TEXT,
    "agent_custom_instructions": TEXT,
    "includes": TEXT,
    "excludes": TEXT,
    "timezone": say(or_null(TEXT), "An IANA time zone such as Europe/Berlin."),
    "custom_categories": list_of(map_of(TEXT)),
}
FOUND = say(ref("Filters"), "Names an entity that is not negated, in each branch of an OR.")
HOOK = {
    "name": WORDS,
    "url": {"type": "string", "format": "uri"},
    "event_types": list_of(one_of(WebhookEvent), minItems=1),
    "is_active": BOOL,
}
CHANGE = {"memory_id": UUID, "text": WORDS, "metadata": METADATA}

SHAPES: dict[str, Shape] = {
    "Filters": say(
        {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "AND": TREE,
                "OR": TREE,
                "NOT": say({"anyOf": [ref("Filters"), list_of(ref("Filters"))]}, "None of these."),
                **dict.fromkeys(WHO, say(ANY, "An id, `*` for any, or `eq`, `ne`, `in`.")),
                **dict.fromkeys(("created_at", "timestamp", "updated_at"), COMPARED),
                **dict.fromkeys(("expiration_date", "categories", "metadata"), COMPARED),
                **dict.fromkeys(("keywords", "keywords_search", "text"), COMPARED),
                "memory_ids": COMPARED,
            },
            "additionalProperties": False,
        },
        "Conditions side by side are joined by AND.",
    ),
    "NewMessage": ask(
        ("role", "content"), role=one_of(MessageRole), content=WORDS, name=or_null(TEXT)
    ),
    "AddMemories": ask(
        ("messages",),
        messages=list_of(ref("NewMessage"), minItems=1),
        **WHO,
        metadata=METADATA,
        categories=or_null(NAMES),
        infer=say(
            {**BOOL, "default": True}, "False keeps the messages verbatim; so does no extractor."
        ),
        async_mode=BOOL,
        timestamp=MAYBE_TIME,
        expiration_date=or_null(DAY),
        immutable=BOOL,
        **HINTS,
    ),
    "SearchMemories": ask(("query", "filters"), filters=FOUND, **QUESTION),
    "Recall": ask(
        ("query", "filters"), filters=FOUND, **QUESTION, max_tokens=whole(1, 100_000, 1_000)
    ),
    "ListMemories": ask(("filters",), filters=FOUND, **NARROWING, **PAGED),
    "SearchByIds": ask(("query",), **WHO, filters=ref("Filters"), **QUESTION, output_format=TEXT),
    "SearchOpenSource": ask(("query",), **WHO, filters=OBJECT, **QUESTION),
    "UpdateMemory": ask(
        text=WORDS,
        metadata=METADATA,
        categories=or_null(NAMES),
        timestamp=MAYBE_TIME,
        expiration_date=or_null(DAY),
    ),
    "UpdateOpenSource": ask(text=WORDS, metadata=METADATA),
    "BatchUpdate": ask(
        ("memories",),
        memories=list_of(ask(("memory_id",), **CHANGE), minItems=1, maxItems=1000),
    ),
    "BatchDelete": ask(
        ("memories",),
        memories=list_of(ask(("memory_id",), memory_id=UUID), minItems=1, maxItems=1000),
    ),
    "NewEntity": ask(**WHO, name=say(WORDS, "Needed but for users."), metadata=METADATA),
    "GiveFeedback": ask(
        ("memory_id",),
        memory_id=UUID,
        feedback=or_null(one_of(FeedbackVerdict)),
        feedback_reason=or_null(TEXT),
    ),
    "NewExport": ask(
        ("schema",),
        schema=say(ANY, "A JSON Schema, as an object or as text."),
        filters=ref("Filters"),
        **WHO,
        export_instructions=or_null(TEXT),
    ),
    "ReadExport": ask(memory_export_id=UUID, filters=ref("Filters"), **WHO),
    "ChangeProject": ask(
        name=WORDS,
        **dict.fromkeys(
            (
                "description",
                "custom_instructions",
                "agent_custom_instructions",
                "memory_depth",
                "usecase_setting",
                "version",
            ),
            or_null(TEXT),
        ),
        **dict.fromkeys(("multilingual", "decay", "enable_graph"), BOOL),
        custom_categories=or_null(list_of({"anyOf": [TEXT, map_of(TEXT)]})),
    ),
    "NewWebhook": ask(("name", "url", "event_types"), **HOOK),
    "ChangeWebhook": ask(**HOOK),
    "SummaryWish": ask(("filters",), filters=FOUND),
    "ProfileSettings": ask(enabled=BOOL, entities=OBJECT),
    "RpcMessage": ask(
        ("jsonrpc", "method"),
        jsonrpc={"const": "2.0"},
        id={"type": ["string", "integer"]},
        method=TEXT,
        params=OBJECT,
    ),
    "NewRequest": ask(
        ("kind",),
        kind=one_of(RequestKind),
        **{name: say(ID, "Exactly one of the four names the person.") for name in WHO},
        reference=say({**WORDS, "maxLength": 200}, "Your own; a repeat answers the same request."),
        lift=say(BOOL, "Ends a restriction or an objection."),
        corrections=list_of(ask(("memory_id", "text"), memory_id=UUID, text=WORDS), maxItems=100),
    ),
    "ChangeTenant": ask(("name",), name={**WORDS, "maxLength": 120}),
    "NewKey": ask(
        ("name",),
        name={**WORDS, "maxLength": 80},
        scopes=say(
            list_of(one_of(ApiScope), minItems=1), "Of those that the asking key has itself."
        ),
        expires_at=say(MAYBE_TIME, "Not later than the asking key's own."),
    ),
}

EXAMPLES: dict[str, Any] = {
    "Filters": {"user_id": "ada"},
    "AddMemories": {"messages": [{"role": "user", "content": "I drink tea."}], "user_id": "ada"},
    "SearchMemories": {"query": "What does Ada drink?", "filters": {"user_id": "ada"}},
    "Recall": {
        "query": "What does Ada drink?",
        "filters": {"user_id": "ada"},
        "max_tokens": 200,
    },
    "SearchByIds": {"query": "What does Ada drink?", "user_id": "ada"},
    "SearchOpenSource": {"query": "What does Ada drink?", "user_id": "ada"},
    "UpdateMemory": {"text": "I drink coffee."},
    "UpdateOpenSource": {"text": "I drink coffee."},
    "NewEntity": {"user_id": "ada", "metadata": {"plan": "gold"}},
    "NewExport": {
        "schema": {"properties": {"memories": {"type": "array", "items": {"type": "string"}}}},
        "filters": {"user_id": "ada"},
    },
    "ReadExport": {"filters": {"user_id": "ada"}},
    "ChangeProject": {"custom_instructions": "Keep what the person eats and drinks."},
    "NewWebhook": {
        "name": "Booking",
        "url": "https://booking.example/hook",
        "event_types": ["memory_add"],
    },
    "ChangeWebhook": {"is_active": False},
    "ProfileSettings": {"enabled": False},
    "RpcMessage": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    "NewRequest": {"kind": "access", "user_id": "ada", "reference": "DSR-17"},
    "ChangeTenant": {"name": "Harbour Clinic"},
    "NewKey": {"name": "Booking", "scopes": ["read"]},
}
BODIES = {
    name: {**shape, "examples": [EXAMPLES[name]]} if name in EXAMPLES else shape
    for name, shape in SHAPES.items()
}
