"""Erasing everything about one entity: steps in their order, each in chunks that can be repeated.

What is deleted follows from the classes of the columns: a new table with rows about people is
erased as soon as it is classified.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from apps.audit.domain.redaction import redact_subject
from apps.common.actor import Actor
from apps.common.personal_data import Fate
from apps.keys.queries import with_keys
from apps.keys.ring import close_entity_keys, destroy_entity_keys
from apps.memories.domain.deletion import let_go_of_replaced
from apps.memories.domain.exports import find_wishes_naming
from apps.memories.domain.flags import block_id, set_flag
from apps.memories.domain.jobs import forget_jobs
from apps.memories.domain.journal import Erased, journal, prepare_journal
from apps.memories.domain.summaries import forget_summaries
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.models import Entity, Job, Memory, MemoryExport, Source
from apps.privacy.domain.certificates import sign_certificate
from apps.privacy.domain.copies import remove_copies_of
from apps.privacy.domain.list_exports import drop_list_exports
from apps.privacy.domain.residue import search_residue
from apps.privacy.domain.running import (
    LONG_LEASE,
    Run,
    StepFailed,
    Steps,
    count_step,
    reopen_steps,
)
from apps.privacy.enums import Step
from apps.privacy.models import ListExport, Request
from apps.privacy.subjects import (
    Subject,
    Table,
    count_by_owner,
    count_rows,
    get_table,
    has_column,
    list_database_tables,
    list_parts,
    list_tables,
    list_whole_tables,
    pick,
    subject_of,
)
from apps.privacy.vacuum import VacuumFailed, read_xid, vacuum_table

CHUNK = 1_000  # rows of a table, with their parts
REMOVING = (Fate.REDACTED, Fate.DESTROYED)


def close_subject(run: Run) -> bool:
    """From here on nobody writes for this entity; then count what there is."""
    with run.chunk() as request:
        subject = subject_of(request)
        if subject is None:
            return True
        if Entity.objects.filter(id=subject.id).exists():
            set_flag(entity_id=subject.id, flag=EntityFlag.ERASING, by=run.by)
        if "found" not in request.progress:
            request.progress["found"] = dict(count_rows(subject))
            count_step(request, Step.DELETE, total=sum(request.progress["found"].values()))
        return True


def delete_rows(run: Run) -> bool:
    """One chunk of one table; at last what stays is blanked, and the entity itself goes."""
    prepare_journal()
    with run.chunk() as request:
        subject = subject_of(request)
        if subject is None:
            return True
        close_entity_keys([subject.id])  # a key before its rows, as every writer holds them
        remove_copies_of(subject, by=run.by)
        if forget_summaries() + drop_list_exports(by=run.by):
            request.progress["xid"] = read_xid()
        for table in list_whole_tables():
            if table.is_deleted and table.classes.model is not Entity:
                ids = pick(table, subject, CHUNK)
                if ids:
                    _untie(request, table, ids, subject, by=run.by)
                    _delete_chunk(request, table, ids, subject)
                    return False
        _blank_rows(subject)
        _delete_entity(request, subject)
        return True


def vacuum_tables(run: Run) -> bool:
    """One table. What a snapshot still sees is a failure, to be tried again."""
    with run.chunk(lease=LONG_LEASE) as request:
        touched = list_touched()
        done = request.progress["steps"][Step.VACUUM].get("done", 0)
        count_step(request, Step.VACUUM, total=len(touched))
        if done >= len(touched):
            return True
        deleted_by = request.progress.get("xid")
    if deleted_by is not None:
        try:
            vacuum_table(touched[done], deleted_by=deleted_by)
        except VacuumFailed as error:
            raise StepFailed("vacuum") from error
    with run.chunk() as request:
        count_step(request, Step.VACUUM, done=1)
        return done + 1 >= len(touched)


def redact_audit(run: Run) -> bool:
    with run.chunk() as request:
        subject = subject_of(request)
        if subject is not None:
            redacted = redact_subject(subject_id=subject.id, by=run.by)
            count_step(request, Step.REDACT, done=redacted)
        return True


def destroy_key(run: Run) -> bool:
    """What lay under it can be read nowhere, once the backups of the key are gone."""
    with run.chunk() as request:
        subject = subject_of(request)
        if subject is not None:
            count_step(request, Step.DESTROY, done=destroy_entity_keys([subject.id]))
        return True


def search_rest(run: Run) -> bool:
    """Whatever is left is deleted in another round."""
    with run.chunk() as request:
        subject = subject_of(request)
        found = [] if subject is None else search_residue(subject)
        request.progress["queries"] = [query.describe() for query in found]
        left = sum(query.left for query in found)
        if left:
            reopen_steps(request, Step.DELETE, Step.VACUUM, Step.REDACT, Step.SEARCH)
            return False
        count_step(request, Step.SEARCH, done=len(found))
        return True


STEPS: Steps = {
    Step.CLOSE: close_subject,
    Step.DELETE: delete_rows,
    Step.VACUUM: vacuum_tables,
    Step.DESTROY: destroy_key,
    Step.REDACT: redact_audit,
    Step.SEARCH: search_rest,
    Step.SIGN: sign_certificate,
}


def list_touched() -> list[str]:
    """The database's tables from which an erasure removes something."""
    labels = [
        table.label
        for table in list_tables()
        if table.is_deleted
        or table.blanked
        or any(column.fate in REMOVING for column in table.classes.columns.values())
    ]
    return list_database_tables([*labels, ListExport._meta.label])


def _untie(
    request: Request, table: Table, ids: Sequence[UUID], subject: Subject, *, by: Actor
) -> None:
    """What refers to these rows without being part of them, or has to know that they go."""
    if table.classes.model is Job:
        _delete(request, get_table(Source._meta.label), forget_jobs(ids), subject)
    if table.classes.model is Memory:
        table.find(subject).filter(replaced_by__in=ids).update(replaced_by=None)
        let_go_of_replaced(list(ids), by=by)
        journal(Erased.MEMORY, ids)


def _delete_chunk(request: Request, table: Table, ids: Sequence[UUID], subject: Subject) -> None:
    for part in list_parts(table):
        if part.is_deleted:
            _delete(request, part, part.find_parts(ids), subject)
    _delete(request, table, table.rows.filter(id__in=ids), subject)


def _delete(request: Request, table: Table, rows: Any, subject: Subject) -> None:
    """Counted as shredded is what was sealed under the key that will be destroyed."""
    own, others = _count(table, rows, subject)
    rows.delete()
    shredded, deleted = (own, others) if table.has_sealed else (0, own + others)
    tables = request.progress.setdefault("tables", {})
    counts = tables.setdefault(table.label, {"shredded": 0, "deleted": 0})
    counts["shredded"] += shredded
    counts["deleted"] += deleted
    count_step(request, Step.DELETE, done=own + others)
    request.progress["xid"] = read_xid()


def _count(table: Table, rows: Any, subject: Subject) -> tuple[int, int]:
    if has_column(table, "key_owner_id"):
        return count_by_owner(rows, subject.id)
    return rows.count(), 0


def _blank_rows(subject: Subject) -> None:
    """What is kept as evidence loses what anybody wrote into it."""
    for table in list_whole_tables():
        if table.blanked:
            table.find(subject).update(**dict.fromkeys(table.blanked))


def _delete_entity(request: Request, subject: Subject) -> None:
    """Its id is blocked in the same moment: nothing comes back under it while the erasure runs.

    After a restore its key may be gone already, and with it what it was called.
    """
    entity = next(iter(with_keys(Entity.objects.filter(id=subject.id), owner="id")), None)
    if entity is None:
        return
    if entity.external_id is not None:
        kind = EntityKind(entity.kind)
        wishes = find_wishes_naming(kind=kind, external_id=entity.external_id)
        _delete(request, get_table(MemoryExport._meta.label), wishes, subject)
        request.progress["block"] = str(block_id(kind=kind, external_id=entity.external_id))
    journal(Erased.ENTITY, [entity.id])
    table = get_table(Entity._meta.label)
    _delete(request, table, table.rows.filter(id=subject.id), subject)
