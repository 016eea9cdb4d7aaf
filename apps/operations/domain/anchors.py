"""Copying checkpoints to where the database's administrator does not write: a file, a webhook."""

import http.client
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings

from apps.audit.domain import anchoring
from apps.audit.enums import Place
from apps.audit.lines import read_anchors, write_checkpoint
from apps.audit.models import AuditCheckpoint
from apps.common.errors import Invalid, Unavailable
from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call

TIMEOUT = 10  # seconds
POSTED = 500  # checkpoints in one request

logger = structlog.get_logger("memoryhub.audit")


def anchor_checkpoints() -> int:
    """Copy what waits to each place that is set; answers how many tenants' checkpoints.

    What a place did not take waits for the next run; another place may then get it twice.
    """
    if not settings.AUDIT_ANCHORS:
        anchoring.clear_all_waiting()
        return 0
    checkpoints = anchoring.list_waiting()
    if not checkpoints:
        return 0
    taken = [_copy(place, checkpoints) for place in Place if _is_set(place)]  # each has its try
    if all(taken):
        anchoring.clear_waiting(checkpoints)
    return len(checkpoints)


def load_anchors(path: str = "") -> Mapping[UUID, dict[int, str]]:
    """What the file holds, by tenant and number. Invalid if it can't be read.

    Without a path it is the file of the settings, which is not there before the first anchor.
    """
    wanted = path or settings.AUDIT_ANCHOR_FILE
    if not path and not Path(wanted).is_file():
        return {}
    try:
        with Path(wanted).open("rb") as lines:
            return read_anchors(lines)
    except OSError as error:
        raise Invalid(f"The anchor file {wanted} can't be read: {error.strerror}.") from None


def _is_set(place: Place) -> bool:
    return bool(settings.AUDIT_ANCHOR_FILE if place == Place.FILE else settings.AUDIT_ANCHOR_URL)


def _copy(place: Place, checkpoints: Sequence[AuditCheckpoint]) -> bool:
    lines = [write_checkpoint(checkpoint) for checkpoint in checkpoints]
    try:
        if place == Place.FILE:
            _append(Path(settings.AUDIT_ANCHOR_FILE), lines)
        else:
            _post_all(settings.AUDIT_ANCHOR_URL, lines)
    except (OSError, http.client.HTTPException, Unavailable) as error:
        logger.error("not anchored", place=str(place), error=type(error).__name__)  # noqa: TRY400
        return False
    anchoring.note_anchored(checkpoints, place)
    return True


def _append(path: Path, lines: Sequence[bytes]) -> None:
    """In one write, and on the disk before anybody is told."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())


def _post_all(url: str, lines: Sequence[bytes]) -> None:
    for start in range(0, len(lines), POSTED):
        _post(url, b"".join(lines[start : start + POSTED]))


def _post(url: str, body: bytes) -> None:
    """To this host and no other: nothing here follows a redirect or asks a proxy."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    client = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/x-ndjson", "User-Agent": "MemoryHub"}
        note_call(parts.netloc.rpartition("@")[2], Purpose.ANCHORS, sent=len(body))
        client.request("POST", target, body, headers)
        status = client.getresponse().status
        if not 200 <= status < 300:  # noqa: PLR2004
            raise Unavailable(f"The webhook answered {status}.")
    finally:
        client.close()
