"""Exports of lists: the memories that an operator's filter matched, as one JSON document.

Written in chunks, each a sealed part and a transaction that holds the export's row: two workers
never write one at a time, and a part that is written twice is the same file. No export outlives a
memory in it: what erases drops them all, and whatever was deleted otherwise ends them when one is
downloaded, or within the hour.
"""

import base64
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Func, UUIDField
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.crypto import Key
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.failures import log_failure
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityFlag
from apps.memories.flags import is_flagged
from apps.memories.models import Memory
from apps.memories.queries.memories import NEWEST_FIRST
from apps.privacy.domain.copies import Lines
from apps.privacy.domain.due_list import postpone, put_on_list, take_off_list
from apps.privacy.domain.running import write_moment
from apps.privacy.enums import ListState, Profile, Work
from apps.privacy.files import SealedReader, SealedWriter, folder_of, remove_folder
from apps.privacy.models import ListExport, PrivacyDue
from apps.privacy.packing import write_lines, write_list
from apps.privacy.records import Record, make_records
from apps.tenants.models import Tenant

if TYPE_CHECKING:
    from django.db.models import QuerySet

CHUNK = 1_000
PAUSE = timedelta(seconds=60)  # before a chunk that came to nothing is tried again
UNCONFIRMED = timedelta(hours=1)  # is kept so long
EVERY = timedelta(minutes=50)  # less than the hour after which the clock looks again
HIDING = (EntityFlag.RESTRICTED, EntityFlag.OBJECTED, EntityFlag.ERASING)
DOCUMENT = "memories.json.sealed"
FORMAT = "memoryhub.memories.v1"
GONE = (
    "Memories of this export were deleted or restricted since, so it was removed. Make it anew from"
    " the list."
)


def choose_list(rows: "QuerySet[Memory]", *, by: Actor) -> ListExport:
    """Keep which memories a list holds, newest first, to be confirmed. In the open scope.

    Without the deleted, and those of who is restricted, has objected or is being erased. What this
    operator chose before and never confirmed goes. Invalid for none, and above LIST_EXPORT_LIMIT.
    """
    rows, limit = rows.filter(deleted_at=None).order_by(), settings.LIST_EXPORT_LIMIT
    found = rows.exclude(is_flagged(*HIDING)).order_by(*NEWEST_FIRST).values_list("id", flat=True)
    ids = list(found[: limit + 1])
    if len(ids) > limit:
        raise Invalid(
            f"This list has more than {limit:,} memories, as many as one export may hold"
            " (LIST_EXPORT_LIMIT): narrow it, for example by dates."
        )
    if not ids:
        raise Invalid("Nothing in this list can be exported.")
    ListExport.objects.filter(state=ListState.CHOSEN, operator_id=by.id).delete()
    now = timezone.now()
    export = ListExport(
        memory_ids=ids,
        total=len(ids),
        left_out=rows.filter(is_flagged(*HIDING)).count(),
        file_key=base64.b64encode(Key.generate().raw).decode(),
        operator_id=by.id,
        created_at=now,
        expires_at=now + UNCONFIRMED,
    )
    export.save(force_insert=True)
    put_on_list(Work.CHECK, export.id, at=export.expires_at)
    return export


def start_list_export(*, tenant_id: UUID, export_id: UUID, by: Actor) -> None:
    """Begin; Celery does the work. Conflict where it has begun, NotFound without one."""
    with tenant_scope(tenant_id):
        export = _get_held(export_id)
        if export.state != ListState.CHOSEN:
            raise Conflict("This export is being written already, or is done.")
        export.state, export.operator_id = ListState.RUNNING, by.id
        export.expires_at = timezone.now() + timedelta(days=settings.EXPORT_DAYS)
        _save(export, "state", "operator_id", "expires_at")
        record(Action.LIST_EXPORT_START, by=by, target_id=export.id, count=export.total)
        put_on_list(Work.EXPORT, export.id, at=timezone.now())
        postpone(Work.CHECK, export.id, at=_next_check(export))


def run_list_export(
    *, tenant_id: UUID, export_id: UUID, goes_on: Callable[[], bool] = lambda: True, by: Actor
) -> bool:
    """Write chunks while `goes_on`; answers whether something is left to do now."""
    try:
        while _write_chunk(tenant_id, export_id, by):
            if not goes_on():
                return True
    except Exception as error:  # noqa: BLE001 - the sweeper finds it in the list, and tries again
        log_failure(error)
        _note_failure(tenant_id, export_id, error)
    return False


def open_list_export(*, tenant_id: UUID, export_id: UUID, by: Actor) -> tuple[SealedReader, int]:
    """The document to read from, and its size. Every download is an event.

    NotFound while it is not written, and after its time; Conflict, and it is removed, where one of
    its memories was deleted or may not be read any more. Two statements for that, over all of them.
    """
    with tenant_scope(tenant_id):
        export = _get_held(export_id)
        path = _folder(export) / DOCUMENT
        if not _is_ready(export) or not path.exists():
            raise NotFound("There is no such export, or its time is over.")
        if _is_whole(export):
            record(Action.LIST_EXPORT_DOWNLOAD, by=by, target_id=export.id, count=export.total)
            file = SealedReader(path, _key_of(export))
            file.hold()
            return file, int(export.size)
        _remove([export], by)
    raise Conflict(GONE)


def remove_list_export(*, tenant_id: UUID, export_id: UUID, by: Actor) -> None:
    """The key goes with the row, the file at once. NotFound without one."""
    with tenant_scope(tenant_id):
        _remove([_get_held(export_id)], by)


def drop_list_exports(*, by: Actor) -> int:
    """All of the tenant's: any of them may hold what is erased now. Needs an open scope."""
    return _remove(_hold(ListExport.objects.order_by("id")), by)


def check_list_exports(*, by: Actor) -> int:
    """Remove those whose time is over, or a memory of which is gone. Call outside any scope."""
    due = PrivacyDue.objects.filter(work=Work.CHECK, at__lte=timezone.now()).order_by("at")
    removed = 0
    for tenant_id, export_id in list(due.values_list("tenant_id", "item_id")):
        with tenant_scope(tenant_id):
            removed += _check(export_id, by)
    return removed


def get_list_export(export_id: UUID) -> ListExport:
    """Without the ids of its memories, in the open scope; NotFound after its time."""
    rows = ListExport.objects.filter(id=export_id, expires_at__gt=timezone.now())
    found = rows.defer("memory_ids").first()
    if found is None:
        raise NotFound("There is no such export, or its time is over.")
    return found


def _check(export_id: UUID, by: Actor) -> int:
    export = next(iter(_hold(ListExport.objects.filter(id=export_id))), None)
    if export is None:
        take_off_list(Work.CHECK, export_id)
        return 0
    is_over = export.expires_at <= timezone.now()
    if is_over or (export.state == ListState.DONE and not _is_whole(export)):
        return _remove([export], by)
    postpone(Work.CHECK, export_id, at=_next_check(export))
    return 0


def _next_check(export: ListExport) -> datetime:
    return min(export.expires_at, timezone.now() + EVERY)


def _hold(rows: "QuerySet[ListExport]") -> list[ListExport]:
    """Waits for the worker that writes a chunk."""
    return list(rows.select_for_update(no_key=True).defer("memory_ids"))


def _get_held(export_id: UUID) -> ListExport:
    _hold(ListExport.objects.filter(id=export_id))
    return get_list_export(export_id)


def _remove(exports: Iterable[ListExport], by: Actor) -> int:
    removed = 0
    for export in exports:
        remove_folder(export.tenant_id, export.id)
        ListExport.objects.filter(id=export.id).delete()
        for work in (Work.EXPORT, Work.CHECK):
            take_off_list(work, export.id)
        if export.state != ListState.CHOSEN:
            record(Action.LIST_EXPORT_REMOVE, by=by, target_id=export.id)
        removed += 1
    return removed


def _write_chunk(tenant_id: UUID, export_id: UUID, by: Actor) -> bool:
    """Whether there may be more. The last chunk makes one document of all parts."""
    with tenant_scope(tenant_id):
        export = next(iter(_hold(ListExport.objects.filter(id=export_id))), None)
        if export is None or export.state != ListState.RUNNING:
            return False
        if export.done < export.total:
            _write_part(export)
        else:
            _finish(export, by)
        export.failure = ""
        _save(export, "done", "total", "state", "size", "failure")
        postpone(Work.EXPORT, export.id, at=timezone.now() + PAUSE)
        return export.state == ListState.RUNNING


def _write_part(export: ListExport) -> None:
    """Whatever was deleted or hidden since it was chosen is taken out of the export."""
    ids = _read_ids(export, export.done, export.done + CHUNK)
    found = _read_records(ids)
    if gone := [memory_id for memory_id in ids if memory_id not in found]:
        _take_out(export, gone)
    with SealedWriter(_folder(export) / f"{export.done:09}.part", _key_of(export)) as out:
        out.write(write_lines(found[memory_id] for memory_id in ids if memory_id in found))
    export.done += len(found)


def _read_ids(export: ListExport, start: int, end: int) -> list[UUID]:
    rows = ListExport.objects.filter(id=export.id)
    [ids] = rows.values_list(f"memory_ids__{start}_{end}", flat=True)
    return list(ids)


def _read_records(ids: list[UUID]) -> dict[UUID, Record]:
    """Those that are there and have a key, by their ids."""
    records = make_records(Memory._meta.label, _select(ids), Profile.PORTABILITY)
    return {UUID(one["id"]): one for one in records if one["text"] is not None}


def _select(ids: Any) -> "QuerySet[Memory]":
    return Memory.objects.live().filter(id__in=ids).exclude(is_flagged(*HIDING))


def _take_out(export: ListExport, gone: list[UUID]) -> None:
    left = set(gone)
    export.memory_ids = [memory_id for memory_id in export.memory_ids if memory_id not in left]
    export.total = len(export.memory_ids)
    _save(export, "memory_ids")


def _finish(export: ListExport, by: Actor) -> None:
    folder, key = _folder(export), _key_of(export)
    head = {
        "format": FORMAT,
        "tenant": Tenant.objects.get(id=export.tenant_id).name,
        "made_at": write_moment(timezone.now()),
        "count": export.total,
    }
    parts = sorted(folder.glob("*.part"))
    with SealedWriter(folder / DOCUMENT, key) as out:
        pieces = write_list(head, [Lines(part, key) for part in parts])
        export.size = sum(out.write(piece) for piece in pieces)
    export.state = ListState.DONE
    take_off_list(Work.EXPORT, export.id)
    record(
        Action.LIST_EXPORT_WRITE,
        by=by,
        target_id=export.id,
        count=export.total,
        size=export.size,
    )
    transaction.on_commit(partial(_drop_parts, parts))


def _drop_parts(parts: list[Path]) -> None:
    for part in parts:
        part.unlink(missing_ok=True)


def _note_failure(tenant_id: UUID, export_id: UUID, error: Exception) -> None:
    with tenant_scope(tenant_id):
        ListExport.objects.filter(id=export_id).update(failure=type(error).__name__[:40])
        postpone(Work.EXPORT, export_id, at=timezone.now() + PAUSE)


def _is_ready(export: ListExport) -> bool:
    return export.state == ListState.DONE and export.expires_at > timezone.now()


def _is_whole(export: ListExport) -> bool:
    """Each of its memories is still there and may be read."""
    rows = ListExport.objects.filter(id=export.id)
    return _select(rows.values(one=_Each(F("memory_ids")))).count() == export.total


def _save(export: ListExport, *fields: str) -> None:
    export.save(update_fields=fields)


def _key_of(export: ListExport) -> Key:
    return Key(base64.b64decode(export.file_key))


def _folder(export: ListExport) -> Path:
    return folder_of(export.tenant_id, export.id)


class _Each(Func):
    """The items of an array as rows."""

    function = "unnest"
    set_returning = True
    output_field = UUIDField()
