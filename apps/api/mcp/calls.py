"""What the tools do: the same readers and domain functions as the HTTP API, for one user."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from apps.api import reading
from apps.api.adding import add
from apps.api.authentication import actor_of, tenant_id_of
from apps.api.inputs import PageInput, read_memory_id, read_search
from apps.api.presenting import present_memory
from apps.api.reads import record_read
from apps.api.recall import find_hits, read_rows
from apps.common.errors import Invalid, NotFound
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import Filter
from apps.memories.domain.deletion import delete_entity_memories, delete_memory
from apps.memories.enums import EntityKind
from apps.memories.filters import WILDCARD, check_entity_id, parse_filters
from apps.memories.models import Memory
from apps.memories.queries.memories import get_memory
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

Arguments = Mapping[str, Any]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool: what it takes beside the user, and the scope that a key needs for it."""

    act: Callable[[Request, Arguments], Json]
    scope: ApiScope
    feature: Feature
    about: str
    takes: Mapping[str, Json]
    needs: tuple[str, ...] = ()
    is_destructive: bool = False


def remember(request: Request, given: Arguments) -> Json:
    """Waits for a job, so that the model reads what has become of the statement."""
    text = reading.read_text(given, "text")
    body = {
        "messages": [{"role": "user", "content": text}],
        "user_id": _read_user(given),
        "metadata": given.get("metadata"),
    }
    return add(request, body, is_async=False)


def search(request: Request, given: Arguments) -> Json:
    body = {
        "query": given.get("query"),
        "filters": {"user_id": _read_user(given)},
        "top_k": given.get("top_k"),
    }
    return {"results": find_hits(request, read_search(body))}


def list_all(request: Request, given: Arguments) -> Json:
    page = PageInput(
        number=reading.read_int(given, "page", default=1, low=1, high=10**9),
        size=settings.PAGE_SIZE,
    )
    count, rows = read_rows(request, _filter_user(given), page, has_expired=False)
    return {"count": count, "results": [present_memory(row) for row in rows]}


def get(request: Request, given: Arguments) -> Json:
    memory = _find(request, given)
    record_read(request, [memory], target_id=memory.id)
    return present_memory(memory)


def delete(request: Request, given: Arguments) -> Json:
    memory = _find(request, given)
    delete_memory(tenant_id=tenant_id_of(request), memory_id=memory.id, by=actor_of(request))
    return {"message": "Memory deleted successfully!"}


def delete_all(request: Request, given: Arguments) -> Json:
    delete_entity_memories(
        tenant_id=tenant_id_of(request),
        kind=EntityKind.USER,
        external_id=_read_user(given),
        by=actor_of(request),
    )
    return {"message": "Memories deleted successfully!"}


USER = {"user_id": {"type": "string", "description": "Whose memories; the application's own id"}}
ID = {"memory_id": {"type": "string", "format": "uuid", "description": "The memory's id"}}
TEXT = {"type": "string", "description": "One statement worth remembering"}
QUESTION = {"type": "string", "description": "What to recall, in plain words"}
TOP_K = {"type": "integer", "minimum": 1, "description": "Most memories to answer, 10 by default"}
PAGE = {"type": "integer", "minimum": 1, "description": "Which page of the list, 1 by default"}
METADATA = {"type": "object", "description": "Anything to keep beside the text"}

CALLS: Mapping[str, Call] = {
    "add_memory": Call(
        remember,
        ApiScope.WRITE,
        Feature.ADD,
        "Remember a statement about a user.",
        {"text": TEXT, "metadata": METADATA, **USER},
        needs=("text", "user_id"),
    ),
    "search_memories": Call(
        search,
        ApiScope.READ,
        Feature.SEARCH,
        "Recall the memories of a user that answer a question, best first.",
        {"query": QUESTION, "top_k": TOP_K, **USER},
        needs=("query", "user_id"),
    ),
    "list_memories": Call(
        list_all,
        ApiScope.READ,
        Feature.LIST,
        "List the memories of a user, newest first.",
        {"page": PAGE, **USER},
        needs=("user_id",),
    ),
    "get_memory": Call(
        get,
        ApiScope.READ,
        Feature.READ,
        "Read one memory of a user.",
        {**ID, **USER},
        needs=("memory_id", "user_id"),
    ),
    "delete_memory": Call(
        delete,
        ApiScope.DELETE,
        Feature.DELETE,
        "Forget one memory of a user for good.",
        {**ID, **USER},
        needs=("memory_id", "user_id"),
        is_destructive=True,
    ),
    "delete_all_memories": Call(
        delete_all,
        ApiScope.DELETE,
        Feature.DELETE_MANY,
        "Forget all memories of a user for good.",
        USER,
        needs=("user_id",),
        is_destructive=True,
    ),
}


def _read_user(given: Arguments) -> str:
    user = reading.read_text(given, "user_id")
    if user == WILDCARD:
        raise Invalid(f"user_id must be text other than {WILDCARD}.", field="user_id")
    return check_entity_id(user, field="user_id")


def _filter_user(given: Arguments) -> Filter:
    return parse_filters({"user_id": _read_user(given)})


def _find(request: Request, given: Arguments) -> Memory:
    """The memory, if it is the given user's."""
    user, memory_id = _read_user(given), read_memory_id(str(given.get("memory_id")))
    with tenant_scope(tenant_id_of(request)):
        memory = get_memory(memory_id)
    if memory.entity_names.get(EntityKind.USER) != user:
        raise NotFound("Memory not found!")
    return memory
