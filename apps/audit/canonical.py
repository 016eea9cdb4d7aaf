"""The bytes that are hashed and signed: the one place that knows them.

A line that names what it is and its version, then JSON with sorted keys and no spaces. All text is
ASCII (words of enums and ids), numbers are whole, times are UTC in microseconds: there is one way
to write a document.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from apps.audit.models import AuditCheckpoint, AuditEvent

EVENT = b"memoryhub.audit.event.v1\n"
CHECKPOINT = b"memoryhub.audit.checkpoint.v1\n"
RETIREMENT = b"memoryhub.audit.retirement.v1\n"
EXPORT = b"memoryhub.audit.export.v1\n"

START = bytes(32)  # stands for the checkpoint before the first

Document = dict[str, Any]


def write_canonical(domain: bytes, document: Document) -> bytes:
    return domain + orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def describe_event(event: AuditEvent, sequence: int) -> Document:
    """Everything that stays. Of the details only their digest, so that they can be erased."""
    return {
        "action": event.action,
        "actor_id": write_id(event.actor_id),
        "actor_kind": event.actor_kind,
        "details_digest": event.details_digest and bytes(event.details_digest).hex(),
        "facts": event.facts,
        "id": str(event.id),
        "occurred_at": write_time(event.occurred_at),
        "outcome": event.outcome,
        "request_id": event.request_id,
        "schema_version": event.schema_version,
        "sequence": sequence,
        "target_id": write_id(event.target_id),
        "tenant_id": str(event.tenant_id),
    }


def describe_checkpoint(checkpoint: AuditCheckpoint) -> Document:
    return {
        "first": checkpoint.first,
        "key_id": checkpoint.key_id,
        "last": checkpoint.last,
        "number": checkpoint.number,
        "previous": bytes(checkpoint.previous).hex(),
        "root": bytes(checkpoint.root).hex(),
        "sealed_at": write_time(checkpoint.sealed_at),
        "tenant_id": str(checkpoint.tenant_id),
    }


def hash_checkpoint(checkpoint: AuditCheckpoint) -> bytes:
    return hashlib.sha256(checkpoint_bytes(checkpoint)).digest()


def checkpoint_bytes(checkpoint: AuditCheckpoint) -> bytes:
    """What a checkpoint's signature is over."""
    return write_canonical(CHECKPOINT, describe_checkpoint(checkpoint))


def retirement_bytes(checkpoint: AuditCheckpoint, retired_at: datetime) -> bytes:
    """Says, signed, that the segment's events were removed because their term had passed."""
    document = {
        "checkpoint": hash_checkpoint(checkpoint).hex(),
        "retired_at": write_time(retired_at),
    }
    return write_canonical(RETIREMENT, document)


def write_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def write_id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
