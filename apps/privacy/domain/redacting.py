"""Passages about other people, and whole records, that a copy for a person leaves out.

What is marked is sealed with the request, under the person's key, and never part of the copy.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.models import Source
from apps.privacy.domain.moves import lock_request
from apps.privacy.domain.running import reopen_steps
from apps.privacy.enums import RequestKind, RequestState, Step
from apps.privacy.models import Request
from apps.privacy.records import Record, list_sealed

REDACTED = "[redacted]"
MOST_PASSAGES = 200
LONGEST_PASSAGE = 1_000
COPIED = (RequestKind.ACCESS, RequestKind.PORTABILITY)
BEFORE_WORK = (
    RequestState.RECEIVED,
    RequestState.VERIFIED,
    RequestState.APPROVED,
    RequestState.FAILED,
)

Redact = Callable[[str, Sequence[Record]], list[Record]]
"""Records of a table, by its label, as they stand in the copy."""


def redact_copy(
    *,
    tenant_id: UUID,
    request_id: UUID,
    passages: Sequence[str],
    records: Sequence[UUID],
    by: Actor,
) -> Request:
    """Mark what the copy leaves out; replaces what was marked before.

    A memory that is left out takes the messages along that it came out of. Conflict for a request
    of no copy, and once the copy is being written.
    """
    said = list(dict.fromkeys(filter(None, (passage.strip() for passage in passages))))
    if len(said) > MOST_PASSAGES or any(len(passage) > LONGEST_PASSAGE for passage in said):
        raise Invalid(
            f"Mark up to {MOST_PASSAGES} passages of up to {LONGEST_PASSAGE:,} characters.",
            field="passages",
        )
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        if request.kind not in COPIED or request.state not in BEFORE_WORK:
            raise Conflict("Passages are redacted before the copy of a request is written.")
        request.redactions = {"passages": said, "records": [str(one) for one in records]}
        request.progress.pop("copy", None)  # of a try that failed
        reopen_steps(request, Step.WRITE, Step.PACK)
        request.save()
        record(
            Action.REQUEST_REDACT,
            by=by,
            target_id=request.id,
            passages=len(said),
            records=len(records),
        )
        return request


def make_redaction(request: Request) -> Redact:
    """What the copy of this request does with records. In the open scope; one statement."""
    marked: Mapping[str, list[str]] = request.redactions or {"passages": [], "records": []}
    hide = make_hiding(marked["passages"])
    left_out = {*marked["records"], *_list_messages(marked["records"])}

    def redact(label: str, records: Sequence[Record]) -> list[Record]:
        sealed = list_sealed(label)
        return [
            _blank(one, sealed) if _is_in(one, left_out) else _hide_in(one, sealed, hide)
            for one in records
        ]

    return redact


def make_hiding(passages: Sequence[str]) -> Callable[[str], str]:
    """Puts the mark in the place of each passage, in whatever case; the longest first."""
    if not passages:
        return lambda text: text
    parts = (re.escape(passage) for passage in sorted(passages, key=len, reverse=True))
    pattern = re.compile("|".join(parts), re.IGNORECASE)
    return lambda text: pattern.sub(REDACTED, text)


def _list_messages(memory_ids: Sequence[str]) -> set[str]:
    if not memory_ids:
        return set()
    found = Source.objects.filter(memory__in=memory_ids).values_list("message", flat=True)
    return {str(message_id) for message_id in found}


def _is_in(one: Record, ids: set[str]) -> bool:
    """Itself, or as part of a memory."""
    return one["id"] in ids or str(one.get("memory")) in ids


def _blank(one: Record, sealed: Sequence[str]) -> Record:
    return one | {name: REDACTED for name in sealed if one.get(name) is not None}


def _hide_in(one: Record, sealed: Sequence[str], hide: Callable[[str], str]) -> Record:
    return one | {name: _walk(one[name], hide) for name in sealed if name in one}


def _walk(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [_walk(item, hide) for item in value]
    if isinstance(value, dict):
        return {hide(key): _walk(item, hide) for key, item in value.items()}
    return value
