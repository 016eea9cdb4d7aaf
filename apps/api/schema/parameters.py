"""What stands in queries, headers and paths, where several operations take it."""

from apps.api.schema.operations import Parameter
from apps.api.schema.shapes import BOOL, MOMENT, TEXT, UUID, Shape, one_of
from apps.audit.actions import Action, Outcome
from apps.common.actor import ActorKind
from apps.memories.enums import EntityKind

ID: Shape = {"type": "string", "minLength": 1}
POSITIVE: Shape = {"type": "integer", "minimum": 1}
PAGES = (
    Parameter("page", POSITIVE, "From 1 on; past the end it is 404."),
    Parameter("page_size", POSITIVE, "At most MAX_PAGE_SIZE of the server, else 400."),
)
PAGE = PAGES[:1]
SIZE = PAGES[1:]
WHO = tuple(Parameter(f"{kind.value}_id", ID, "`*` is any.") for kind in EntityKind)
AS_JSON = (
    Parameter("metadata", TEXT, "An object as JSON; each key is compared."),
    Parameter("filters", TEXT, "Filters as JSON."),
)
NARROWED = (
    *AS_JSON,
    Parameter("categories", TEXT, "One of these, set apart by commas."),
    Parameter("keywords", ID, "Part of the text, in any case."),
    Parameter("start_date", ID),
    Parameter("end_date", ID),
    Parameter("show_expired", BOOL),
    Parameter("fields", TEXT, "Fields to answer, set apart by commas."),
    Parameter("limit", POSITIVE),
)
REPEAT = (
    Parameter(
        "Idempotency-Key", ID, "A repeat with the same key answers the first again.", "header"
    ),
)
EVENTS = (
    Parameter("action", one_of(Action)),
    Parameter("outcome", one_of(Outcome)),
    Parameter("actor_kind", one_of(ActorKind)),
    Parameter("actor_id", UUID),
    Parameter("target_id", UUID),
    Parameter("since", MOMENT, "From this time on."),
    Parameter("until", MOMENT, "Before this time."),
    Parameter("before", UUID, "Only events that are older than this one."),
)

PATHS: dict[str, Shape] = {
    "memory_id": UUID,
    "event_id": UUID,
    "request_id": UUID,
    "key_id": UUID,
    "kind": one_of(EntityKind),
    "webhook_id": {"type": "string", "pattern": "^[0-9]+$"},
}
