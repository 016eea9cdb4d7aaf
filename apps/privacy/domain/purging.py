"""Deleting the memories that an operator chose: in chunks, each a transaction of its own.

A chunk holds the row of its purge, so that two workers never delete for one purge at a time, and
one that died leaves nothing half done: what is left still matches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor, ActorKind
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.failures import log_failure
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import destroy, lock_deletable
from apps.memories.domain.journal import prepare_journal
from apps.memories.enums import EntityKind
from apps.memories.flags import KEEPING, is_flagged
from apps.memories.models import Memory, Source, Version
from apps.memories.queries.entities import get_entity
from apps.privacy.domain.due_list import postpone, put_on_list, take_off_list
from apps.privacy.domain.list_exports import drop_list_exports
from apps.privacy.enums import PurgeState, Work
from apps.privacy.models import Purge

CHUNK = 500
PAUSE = timedelta(seconds=60)  # before a chunk that came to nothing is tried again
MOST_CHOSEN = 1_000  # by their ids; more are chosen by days
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which memories of an entity: these, or all that are dated between two days."""

    memory_ids: Sequence[UUID] | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go. `shared` name other entities too; `kept` stop the whole purge."""

    memories: int
    versions: int
    messages: int
    shared: int
    kept: int


def choose_memories(*, tenant_id: UUID, entity_id: UUID, choice: Choice, by: Actor) -> Purge:
    """Keep a choice, to be confirmed; what this operator chose before and never confirmed goes.

    Nothing is deleted yet. Invalid without any memory that matches; NotFound without the entity.
    """
    if choice.memory_ids is not None and not 1 <= len(choice.memory_ids) <= MOST_CHOSEN:
        raise Invalid(f"Select 1 to {MOST_CHOSEN:,} memories.", field="memory")
    with tenant_scope(tenant_id):
        entity = get_entity(entity_id)
        Purge.objects.filter(state=PurgeState.CHOSEN, operator_id=by.id).delete()
        purge = Purge(
            subject_kind=entity.kind,
            subject_id=entity.id,
            memory_ids=None if choice.memory_ids is None else list(choice.memory_ids),
            since=choice.since,
            until=choice.until,
            operator_id=by.id,
            created_at=timezone.now(),
        )
        purge.total = select_chosen(purge).count()
        if not purge.total:
            raise Invalid("None of these memories is there any more.", field="memory")
        purge.save(force_insert=True)
        return purge


def get_purge(purge_id: UUID) -> Purge:
    """In the open scope; NotFound without one."""
    found = Purge.objects.filter(id=purge_id).first()
    if found is None:
        raise NotFound("Purge not found!")
    return found


def preview_purge(purge: Purge) -> Preview:
    """In the open scope. Four statements, each over all that was chosen."""
    rows = select_chosen(purge)
    ids = rows.order_by().values("id")
    others = [kind for kind in EntityKind if kind != purge.subject_kind]
    names_others = Q()
    for kind in others:
        names_others |= Q(**{f"{kind.value}__isnull": False})
    sources = Source.objects.filter(memory__in=ids)
    return Preview(
        memories=rows.count(),
        versions=Version.objects.filter(memory__in=ids).count(),
        messages=sources.order_by().values("message").distinct().count(),
        shared=rows.filter(names_others).count(),
        kept=rows.filter(is_flagged(*KEEPING)).count(),
    )


@records_refusals(Action.PURGE_START, target="purge_id")
def start_purge(*, tenant_id: UUID, purge_id: UUID, by: Actor) -> Purge:
    """Begin, or go on with one that was blocked; Celery does the work.

    Conflict where it runs or has ended, and where a hold or a restriction keeps one of them.
    """
    with tenant_scope(tenant_id):
        purge = _lock(purge_id)
        if purge.state not in {PurgeState.CHOSEN, PurgeState.BLOCKED}:
            raise Conflict("This purge runs already, or has ended.")
        rows = select_chosen(purge)
        if kept := rows.filter(is_flagged(*KEEPING)).count():
            raise Conflict(
                f"{kept} of these memories are under a legal hold or a restriction, so nothing"
                " is deleted. Lift it first."
            )
        purge.total = purge.done + rows.count()
        purge.state, purge.operator_id = PurgeState.RUNNING, by.id
        purge.started_at = purge.started_at or timezone.now()
        purge.save()
        left = purge.total - purge.done
        record(Action.PURGE_START, by=by, target_id=purge.subject_id, purge=purge.id, count=left)
        put_on_list(Work.PURGE, purge.id, at=timezone.now())
        return purge


def run_purge(
    *, tenant_id: UUID, purge_id: UUID, goes_on: Callable[[], bool] = lambda: True, by: Actor
) -> bool:
    """Delete chunks while `goes_on`; answers whether something is left to do now.

    The memories are deleted as the act of the operator who confirmed it; `by` is who works.
    """
    try:
        while _delete_chunk(tenant_id, purge_id, by):
            if not goes_on():
                return True
    except Conflict:
        _block(tenant_id, purge_id, by)
    except Exception as error:  # noqa: BLE001 - the sweeper finds it in the list, and tries again
        log_failure(error)
    return False


def select_chosen(purge: Purge) -> Any:
    """Those that are still there."""
    rows = Memory.objects.live().filter(
        id__lte=purge.id, **{f"{purge.subject_kind}_id": purge.subject_id}
    )
    if purge.memory_ids is not None:
        rows = rows.filter(id__in=purge.memory_ids)
    if purge.since:
        rows = rows.filter(created_at__gte=_midnight(purge.since))
    if purge.until:
        rows = rows.filter(created_at__lt=_midnight(purge.until) + DAY)
    return rows


def _delete_chunk(tenant_id: UUID, purge_id: UUID, by: Actor) -> bool:
    """Whether there may be more."""
    prepare_journal()
    with tenant_scope(tenant_id):
        purge = Purge.objects.select_for_update(no_key=True).filter(id=purge_id).first()
        if purge is None or purge.state != PurgeState.RUNNING:
            return False
        rows = select_chosen(purge).order_by("created_at", "id")
        ids = lock_deletable(_with_ids(list(rows.values_list("id", flat=True)[:CHUNK])))
        if not ids:
            _finish(purge, by)
            return False
        destroy(ids)
        drop_list_exports(by=by)
        purge.done += len(ids)
        purge.save(update_fields=["done"])
        operator = Actor(ActorKind.OPERATOR, purge.operator_id)
        record(Action.MEMORY_DELETE, by=operator, target_id=purge.subject_id, deleted=len(ids))
        postpone(Work.PURGE, purge.id, at=timezone.now() + PAUSE)
        return True


def _with_ids(ids: list[UUID]) -> Any:
    return Memory.objects.live().filter(id__in=ids)


def _finish(purge: Purge, by: Actor) -> None:
    purge.state, purge.ended_at = PurgeState.DONE, timezone.now()
    purge.save()
    take_off_list(Work.PURGE, purge.id)
    _record(Action.PURGE_FINISH, purge, by)


def _block(tenant_id: UUID, purge_id: UUID, by: Actor) -> None:
    """A hold or a restriction came meanwhile. What is deleted is gone; the rest waits."""
    with tenant_scope(tenant_id):
        purge = _lock(purge_id)
        purge.state = PurgeState.BLOCKED
        purge.save()
        take_off_list(Work.PURGE, purge.id)
        _record(Action.PURGE_BLOCK, purge, by)


def _lock(purge_id: UUID) -> Purge:
    Purge.objects.select_for_update(no_key=True).filter(id=purge_id).first()
    return get_purge(purge_id)


def _record(action: Action, purge: Purge, by: Actor) -> None:
    record(action, by=by, target_id=purge.subject_id, purge=purge.id, deleted=purge.done)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
