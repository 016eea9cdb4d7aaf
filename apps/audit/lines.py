"""The trail as lines of JSON, for exports and anchors: sorted keys, no spaces, one way to write it.

Each line is a document with one part that is hashed or signed, as in canonical.py, and its proof.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import orjson

from apps.audit.canonical import (
    Document,
    describe_checkpoint,
    describe_event,
    hash_checkpoint,
    write_time,
)
from apps.audit.models import AuditCheckpoint, AuditEvent, AuditSeal
from apps.common.errors import Invalid


def write_line(document: Document) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def write_event(event: AuditEvent, seal: AuditSeal) -> bytes:
    leaf = bytes(seal.leaf).hex()
    return write_line({"event": describe_event(event, seal.sequence), "leaf": leaf})


def write_checkpoint(checkpoint: AuditCheckpoint) -> bytes:
    line: Document = {
        "checkpoint": describe_checkpoint(checkpoint),
        "hash": hash_checkpoint(checkpoint).hex(),
        "signature": bytes(checkpoint.signature).hex(),
    }
    if checkpoint.retired_at and checkpoint.retirement:
        line |= {
            "retired_at": write_time(checkpoint.retired_at),
            "retirement": bytes(checkpoint.retirement).hex(),
        }
    return write_line(line)


def read_anchors(lines: Iterable[bytes]) -> Mapping[UUID, dict[int, str]]:
    """The hashes of anchored checkpoints by tenant and number; the first that was anchored counts.

    Raises Invalid for a line that is none, with its number.
    """
    anchors: dict[UUID, dict[int, str]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            document = orjson.loads(line)
            checkpoint = document["checkpoint"]
            known = anchors.setdefault(UUID(checkpoint["tenant_id"]), {})
            known.setdefault(int(checkpoint["number"]), str(document["hash"]))
        except (ValueError, KeyError, TypeError):
            raise Invalid(f"Line {number} of the anchors is no checkpoint.") from None
    return anchors
