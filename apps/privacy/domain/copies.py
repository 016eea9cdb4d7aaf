"""Writing the copy for a person: in chunks, each a sealed part, then all as one sealed ZIP."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.crypto import Key
from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.memories.queries.entities import find_entities_by_id
from apps.privacy.domain.due_list import put_on_list, take_off_list
from apps.privacy.domain.particulars import read_handling
from apps.privacy.domain.redacting import make_redaction
from apps.privacy.domain.running import LONG_LEASE, Run, Steps, count_step, write_moment
from apps.privacy.enums import Profile, RequestKind, Step, Work
from apps.privacy.files import SealedReader, SealedWriter, folder_of, read_frames, remove_folder
from apps.privacy.models import PrivacyDue, Request, SubjectCopy
from apps.privacy.packing import Cover, Parts, write_access, write_lines, write_portability
from apps.privacy.records import (
    count_records,
    list_columns,
    list_described,
    list_sources,
    read_batch,
)
from apps.privacy.subjects import Subject, list_parts, subject_of
from apps.tenants.models import Tenant

ARCHIVE = "copy.zip.sealed"
WRITERS = {Profile.ACCESS: write_access, Profile.PORTABILITY: write_portability}


def write_parts(run: Run) -> bool:
    """The next rows of the next table. A chunk that is written twice overwrites its part."""
    with run.chunk() as request:
        copy = _get_copy(request)
        subject = subject_of(request)
        profile = profile_of(request)
        sources = list_sources(profile)
        state = request.progress.setdefault("copy", {"source": 0, "cursor": None, "parts": {}})
        if subject is None or state["source"] >= len(sources):
            return True
        if state["source"] == 0 and state["cursor"] is None:
            total = sum(count_records(source, subject) for source in sources)
            count_step(request, Step.WRITE, total=total)
        source = sources[state["source"]]
        batch = read_batch(source, subject, profile, state["cursor"])
        redact = make_redaction(request)
        for label, records in batch.records.items():
            if records:
                _write_part(copy, state, label, write_lines(redact(label, records)))
        count_step(request, Step.WRITE, done=len(batch.records[source.table.label]))
        state["cursor"] = batch.cursor
        if batch.cursor is None:
            state["source"] += 1
        return False


def pack_copy(run: Run) -> bool:
    with run.chunk(lease=LONG_LEASE) as request:
        copy, profile = _get_copy(request), profile_of(request)
        if copy.sha256:
            return True
        cover = _make_cover(request)
        parts = _list_parts(copy, request.progress["copy"]["parts"], profile)
    path = _folder(copy) / ARCHIVE
    with SealedWriter(path, _key_of(copy)) as out:
        WRITERS[profile](cast("IO[bytes]", out), cover, parts)
    size, digest = _measure(copy)
    with run.chunk() as request:
        SubjectCopy.objects.filter(id=copy.id).update(size=size, sha256=digest)
        put_on_list(Work.EXPIRE, copy.id, at=copy.expires_at)
        record(Action.COPY_WRITE, by=run.by, target_id=request.id, size=size)
    for part in _folder(copy).glob("*.part"):
        part.unlink(missing_ok=True)
    return True


STEPS: Steps = {Step.WRITE: write_parts, Step.PACK: pack_copy}


def open_copy(*, tenant_id: UUID, request_id: UUID, by: Actor) -> tuple[SealedReader, int]:
    """The ZIP to read from, and its size. Every download is an event.

    NotFound while it is not written, after its time, and once the person was erased.
    """
    with tenant_scope(tenant_id):
        found = with_keys(
            SubjectCopy.objects.filter(request=request_id, expires_at__gt=timezone.now()),
            owner="subject_id",
        )
        copy = next((one for one in found if one.sha256 and one.file_key), None)
        if copy is None or not (_folder(copy) / ARCHIVE).exists():
            raise NotFound("There is no copy of this request, or its time is over.")
        record(Action.COPY_DOWNLOAD, by=by, target_id=request_id)
        return SealedReader(_folder(copy) / ARCHIVE, _key_of(copy)), int(copy.size)


def expire_copies(*, by: Actor) -> int:
    """Remove copies whose time is over. Call outside any scope."""
    due = PrivacyDue.objects.filter(work=Work.EXPIRE, at__lte=timezone.now())
    found = list(due.values_list("tenant_id", "item_id"))
    for tenant_id, copy_id in found:
        with tenant_scope(tenant_id):
            remove_copies([copy_id], by=by)
            take_off_list(Work.EXPIRE, copy_id)
    return len(found)


def remove_copies(copy_ids: list[UUID], *, by: Actor) -> None:
    """The key goes with the row, the file at once."""
    for copy in SubjectCopy.objects.filter(id__in=copy_ids):
        remove_folder(copy.tenant_id, copy.id)
        record(Action.COPY_REMOVE, by=by, target_id=copy.request_id)
    SubjectCopy.objects.filter(id__in=copy_ids).delete()


def remove_copies_of(subject: Subject, *, by: Actor) -> None:
    ids = SubjectCopy.objects.filter(subject_id=subject.id).values_list("id", flat=True)
    remove_copies(list(ids), by=by)


def profile_of(request: Request) -> Profile:
    is_access = request.kind == RequestKind.ACCESS
    return Profile.ACCESS if is_access else Profile.PORTABILITY


def _get_copy(request: Request) -> SubjectCopy:
    """The copy of this request, made with a random key when it is first needed."""
    found = with_keys(SubjectCopy.objects.filter(request=request), owner="subject_id")
    if found:
        _ = found[0].file_key
        return found[0]
    copy = SubjectCopy(
        request=request,
        subject_id=request.subject_id,
        file_key=base64.b64encode(Key.generate().raw).decode(),
        created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=settings.EXPORT_DAYS),
    )
    copy.save(force_insert=True)
    return copy


def _key_of(copy: SubjectCopy) -> Key:
    return Key(base64.b64decode(copy.file_key))


def _folder(copy: SubjectCopy) -> Path:
    return folder_of(copy.tenant_id, copy.id)


def _write_part(copy: SubjectCopy, state: dict[str, Any], label: str, lines: bytes) -> None:
    number = state["parts"].get(label, 0)
    with SealedWriter(_folder(copy) / f"{label}.{number:06}.part", _key_of(copy)) as out:
        out.write(lines)
    state["parts"][label] = number + 1


def _list_parts(copy: SubjectCopy, counts: dict[str, int], profile: Profile) -> Parts:
    tables = [source.table for source in list_sources(profile)]
    labels = dict.fromkeys(
        table.label
        for whole in tables
        for table in (whole, *list_parts(whole))
        if list_columns(table, profile)
    )
    return {
        label: [
            Lines(_folder(copy) / f"{label}.{number:06}.part", _key_of(copy))
            for number in range(counts.get(label, 0))
        ]
        for label in labels
    }


class Lines:
    """The lines of a part; each iteration reads it anew, one frame at a time."""

    def __init__(self, path: Path, key: Key) -> None:
        self._read = partial(read_frames, path, key)

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for frame in self._read():
            *lines, rest = (rest + frame).split(b"\n")
            yield from (line + b"\n" for line in lines)


def _make_cover(request: Request) -> Cover:
    handling = read_handling()
    said = {name: getattr(handling.said, name) for name in handling.said.__slots__}
    named = find_entities_by_id([request.subject_id] if request.subject_id else [])
    subject = named[0].external_id if named else request.subject_name
    return Cover(
        subject=subject or "",
        kind=request.subject_kind,
        made_at=write_moment(timezone.now()),
        tenant=Tenant.objects.get(id=request.tenant_id).name,
        said=said,
        described=list_described(profile_of(request)),
        redacted={name: len(marked) for name, marked in (request.redactions or {}).items()},
    )


def _measure(copy: SubjectCopy) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for frame in read_frames(_folder(copy) / ARCHIVE, _key_of(copy)):
        size += len(frame)
        digest.update(frame)
    return size, digest.hexdigest()
