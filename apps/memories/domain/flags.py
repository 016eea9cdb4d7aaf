"""Flags of entities: set by `privacy`, obeyed by everything that reads or writes."""

from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Forbidden, NotFound
from apps.keys.ring import close_entity_keys, open_entity_keys
from apps.keys.tokens import make_token
from apps.memories.domain.queue import release_jobs
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.models import BlockedId, Entity
from apps.memories.queries.entities import EntityName

CLOSING = (EntityFlag.OBJECTED, EntityFlag.ERASING)


def set_flag(*, entity_id: UUID, flag: EntityFlag, by: Actor) -> None:
    """Raise the flag, in the open scope. It acts from the commit on, for every process.

    A flag that stops writes waits for those that are under way. NotFound without the entity.
    """
    entity = _hold_entity(entity_id, flag)
    if getattr(entity, f"{flag.value}_at") is None:
        _change(entity, flag, is_set=True, by=by)


def lift_flag(*, entity_id: UUID, flag: EntityFlag, by: Actor) -> None:
    """Take the flag back; jobs that waited for it go on. A flag that is not there stays so."""
    entity = _hold_entity(entity_id, flag)
    if getattr(entity, f"{flag.value}_at") is not None:
        _change(entity, flag, is_set=False, by=by)
        release_jobs(entity_id)


def block_id(*, kind: EntityKind, external_id: str) -> UUID:
    """No entity of this id can come into being again. Part of an erasure, which records it.

    Answers the id of the block, to lift it by.
    """
    token = _make_block_token((kind, external_id))
    block, _ = BlockedId.objects.get_or_create(token=token, defaults={"kind": kind})
    return UUID(str(block.id))


def unblock_id(block_id: UUID) -> None:
    BlockedId.objects.filter(id=block_id).delete()


def refuse_blocked(names: list[EntityName]) -> None:
    """Forbidden if one of these ids was erased and is to stay so."""
    tokens = [_make_block_token(name) for name in names]
    blocked = BlockedId.objects.filter(token__in=tokens).values_list("kind", flat=True).first()
    if blocked:
        raise Forbidden(
            f"This {blocked}_id was erased on the person's request, and is blocked.",
            field=f"{blocked}_id",
        )


def _hold_entity(entity_id: UUID, flag: EntityFlag) -> Entity:
    """Keys before rows, as every writer holds them."""
    if flag in CLOSING:
        close_entity_keys([entity_id])
    entity = Entity.objects.select_for_update(no_key=True).filter(id=entity_id).first()
    if entity is None:
        raise NotFound("Entity not found!")
    return entity


def _change(entity: Entity, flag: EntityFlag, *, is_set: bool, by: Actor) -> None:
    column = f"{flag.value}_at"
    setattr(entity, column, timezone.now() if is_set else None)
    entity.save(update_fields=[column])
    if not any(getattr(entity, f"{closing.value}_at") for closing in CLOSING):
        open_entity_keys([entity.id])
    record(Action.ENTITY_FLAG, by=by, target_id=entity.id, flag=flag, is_set=is_set)


def _make_block_token(name: EntityName) -> bytes:
    kind, external_id = name
    return make_token("blocked", kind.encode(), external_id.encode())
