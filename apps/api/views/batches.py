"""Several memories at once."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_memory_id
from apps.api.reading import Values
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid
from apps.memories.domain.batches import Change, delete_batch, update_memories
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

MOST = 1_000


class Batch(ScopedView):
    """/v1/batch/: all of them or none."""

    scopes: ClassVar = {"PUT": ApiScope.WRITE, "DELETE": ApiScope.DELETE}
    features: ClassVar = {"PUT": Feature.UPDATE, "DELETE": Feature.DELETE_MANY}

    def put(self, request: Request) -> Response:
        changes = [_read_change(item) for item in _read_items(body_of(request))]
        update_memories(tenant_id=tenant_id_of(request), changes=changes, by=actor_of(request))
        return Response({"message": f"Successfully updated {len(changes)} memories"})

    def delete(self, request: Request) -> Response:
        ids = [read_memory_id(str(item.get("memory_id"))) for item in _read_items(body_of(request))]
        delete_batch(tenant_id=tenant_id_of(request), memory_ids=ids, by=actor_of(request))
        return Response({"message": f"Successfully deleted {len(ids)} memories"})


def _read_items(body: Values) -> list[dict[str, Any]]:
    items = body.get("memories")
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise Invalid("memories must be a list of objects with a memory_id.", field="memories")
    if len(items) > MOST:
        raise Invalid(f"Maximum of {MOST} memories at once.", field="memories")
    return items


def _read_change(item: dict[str, Any]) -> Change:
    change = Change(
        memory_id=read_memory_id(str(item.get("memory_id"))),
        text=reading.read_text(item, "text") if item.get("text") is not None else None,
        metadata=reading.read_object(item, "metadata"),
    )
    if change.text is None and change.metadata is None:
        raise Invalid("Give each memory a text or metadata.", field="memories")
    return change
