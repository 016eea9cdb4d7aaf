"""All walls together, by the functions that the API and the dashboard call."""

from collections.abc import Callable, Iterable
from copy import copy
from functools import partial
from typing import cast
from uuid import UUID

from apps.isolation.scope import tenant_scope
from apps.keys.ring import current_ring
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.memories import update_memory
from apps.memories.domain.search import search_memories
from apps.memories.enums import EntityKind
from apps.memories.filters import WILDCARD, match_entities
from apps.memories.models import Entity, Memory
from apps.memories.pages import select_memories
from apps.memories.queries.entities import find_entities, get_entity, list_entities, search_entities
from apps.memories.queries.memories import get_any_memory, get_memory
from apps.memories.queries.versions import list_versions
from apps.operations.proof.attacks import Act, Attack
from apps.operations.proof.report import Wall
from apps.operations.proof.stage import ControlFailed, Stage

EVERYTHING = match_entities(dict.fromkeys(EntityKind, WILDCARD))
MANY = 1_000


def get_theirs(stage: Stage) -> object:
    with tenant_scope(stage.ours.id):
        return get_memory(stage.theirs.memory.id)


def get_history(stage: Stage) -> object:
    with tenant_scope(stage.ours.id):
        return list_versions(stage.theirs.memory.id) or get_any_memory(stage.theirs.memory.id)


def change(stage: Stage) -> object:
    memory_id = stage.theirs.memory.id
    return update_memory(tenant_id=stage.ours.id, memory_id=memory_id, text="Changed.", by=stage.by)


def delete(stage: Stage) -> object:
    delete_memory(tenant_id=stage.ours.id, memory_id=stage.theirs.memory.id, by=stage.by)
    return stage.theirs


def delete_by_user(stage: Stage) -> object:
    filters = match_entities({EntityKind.USER: stage.theirs.user})
    return delete_memories(tenant_id=stage.ours.id, filters=filters, by=stage.by)


def delete_everything(stage: Stage) -> object:
    """Their rows are measured afterwards; here it must have reached ours."""
    count = delete_memories(tenant_id=stage.ours.id, filters=EVERYTHING, by=stage.by)
    if not count:
        raise ControlFailed("nothing of ours was deleted")
    return count - 1


def list_everything(stage: Stage) -> object:
    with tenant_scope(stage.ours.id):
        rows = select_memories(EVERYTHING).read(offset=0, limit=MANY)
    return find_foreign(stage, rows)


def search_everything(stage: Stage) -> object:
    found = search_memories(
        tenant_id=stage.ours.id,
        query=stage.theirs.text,
        filters=EVERYTHING,
        top_k=MANY,
        has_expired=True,
    )
    return find_foreign(stage, (hit.memory for hit in found.hits))


def find_foreign(stage: Stage, memories: Iterable[Memory]) -> list[UUID]:
    """The ids that are not ours, among which ours must be."""
    ids = {memory.id for memory in memories}
    if stage.ours.memory.id not in ids:
        raise ControlFailed("our own memory was not found")
    return list(ids - {stage.ours.memory.id})


def list_their_entities(stage: Stage) -> object:
    with tenant_scope(stage.ours.id):
        sizes = list_entities(limit=MANY)
        sizes += search_entities(kind=EntityKind.USER, part="user of", limit=MANY)
    ours = {stage.ours.memory.user_id, stage.ours.memory.agent_id}
    if not ours <= {size.entity.id for size in sizes}:
        raise ControlFailed("our own entities were not found")
    return [size for size in sizes if size.entity.id not in ours]


def find_their_user(stage: Stage) -> object:
    with tenant_scope(stage.ours.id):
        found = find_entities([(EntityKind.USER, stage.theirs.user)])
        return found or get_entity(stage.their_user_id)


def use_their_key(stage: Stage) -> object:
    with tenant_scope(stage.ours.id):
        return current_ring().entity(stage.their_user_id)


def open_their_text(stage: Stage) -> object:
    """A row of theirs that came into our hands, by whatever way."""
    memory = copy(cast("Memory", stage.theirs.rows[Memory]))
    entity = copy(cast("Entity", stage.theirs.rows[Entity]))
    with tenant_scope(stage.ours.id):
        return memory.text or entity.external_id


def attack(name: str, act: Callable[[Stage], object]) -> Attack:
    def acts(stage: Stage) -> dict[str, Act]:
        return {"": partial(act, stage)}

    return Attack(name, Wall.DOMAIN, acts)


ATTACKS = (
    attack("get their memory", get_theirs),
    attack("read the history of their memory", get_history),
    attack("change their memory", change),
    attack("delete their memory", delete),
    attack("delete all of their user", delete_by_user),
    attack("delete everything", delete_everything),
    attack("list everything", list_everything),
    attack("search everything for their text", search_everything),
    attack("list entities", list_their_entities),
    attack("find their user", find_their_user),
    attack("use the key of their user", use_their_key),
    attack("open a sealed text of theirs", open_their_text),
)
