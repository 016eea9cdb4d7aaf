"""Certificates of erasure: what was destroyed, what was searched for, and until when copies last.

A certificate is one JSON document whose `signature` (Ed25519) covers everything else in it in the
canonical form: sorted keys, no spaces. It holds counts, times and our own ids.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.canonical import Document, write_canonical
from apps.audit.domain import record
from apps.audit.domain.signing import Signer, read_public_keys, read_signer
from apps.audit.domain.signing import is_signed as is_signed_by
from apps.audit.models import AuditCheckpoint
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import unblock_id
from apps.privacy.domain.due_list import put_on_list, take_off_list
from apps.privacy.domain.moves import get_request
from apps.privacy.domain.particulars import read_handling
from apps.privacy.domain.running import Run, write_moment
from apps.privacy.enums import Step, Work
from apps.privacy.models import Certificate, Request
from apps.privacy.vacuum import read_log_position

DOMAIN = b"memoryhub.certificate.v1\n"
VERSION = 1


def sign_certificate(run: Run) -> bool:
    """The last step: lift what only the erasure needed, and sign."""
    signer = read_signer(by=run.by)
    with run.chunk() as request:
        if Certificate.objects.filter(request=request).exists():
            return True
        _settle_block(request)
        request.progress["lsn"] = read_log_position()
        _issue(request, signer, overwritten_at=None, by=run.by)
        put_on_list(Work.SCRUB, request.id, at=timezone.now())
        return True


def renew_certificate(*, tenant_id: UUID, request_id: UUID, overwritten_at: str, by: Actor) -> None:
    """A further certificate, which says when the files were written anew."""
    signer = read_signer(by=by)
    with tenant_scope(tenant_id):
        request = get_request(request_id)
        _issue(request, signer, overwritten_at=overwritten_at, by=by)
        take_off_list(Work.SCRUB, request_id)


def get_certificate(request_id: UUID) -> Certificate:
    """The newest; NotFound while there is none."""
    newest = Certificate.objects.filter(request=request_id).order_by("-number").first()
    if newest is None:
        raise NotFound("There is no certificate of this request.")
    return newest


def is_signed(document: Document) -> bool:
    """Whether one of our keys has signed it. Call outside any scope."""
    key = read_public_keys().get(document.get("key_id", ""))
    signature = bytes.fromhex(document["signature"])
    return is_signed_by(_bytes_of(document), signature, key=key)


def seal_certificate(document: Document, signer: Signer) -> Document:
    """The same with the key's id and the signature over everything else."""
    named = document | {"key_id": signer.key_id}
    return named | {"signature": signer.sign(_bytes_of(named)).hex()}


def list_horizons(
    *,
    removed: str | None,
    overwritten: str | None,
    log_position: str | None,
    since: datetime | None,
) -> Document:
    """When which copy is gone; None where that is not known yet. In the open scope."""
    now = timezone.now()
    covering = AuditCheckpoint.objects.filter(sealed_at__gte=since)
    return {
        "removed": removed,
        "overwritten": overwritten,
        "key_backups": (now + timedelta(days=settings.KEY_BACKUP_DAYS)).date().isoformat(),
        "data_backups": (now + timedelta(days=settings.DATA_BACKUP_DAYS)).date().isoformat(),
        "write_ahead_log": log_position,
        "audit_checkpoint": covering.order_by("-number").values_list("number", flat=True).first(),
    }


def _issue(request: Request, signer: Signer, *, overwritten_at: str | None, by: Actor) -> None:
    number = Certificate.objects.filter(request=request).count() + 1
    document = seal_certificate(_describe(request, number, overwritten_at), signer)
    Certificate(request=request, number=number, document=document, issued_at=timezone.now()).save(
        force_insert=True
    )
    record(Action.CERTIFICATE_SIGN, by=by, target_id=request.id, number=number)


def _bytes_of(document: Document) -> bytes:
    signed = {name: value for name, value in document.items() if name != "signature"}
    return write_canonical(DOMAIN, signed)


def _settle_block(request: Request) -> None:
    """The id stays blocked where the tenant wants that; else it was for the time of the erasure."""
    block = request.progress.pop("block", None)
    request.progress["is_blocked"] = bool(block) and read_handling().is_blocking
    if block and not request.progress["is_blocked"]:
        unblock_id(UUID(block))


def _describe(request: Request, number: int, overwritten_at: str | None) -> Document:
    return {
        "kind": "erasure",
        "version": VERSION,
        "number": number,
        "tenant_id": str(request.tenant_id),
        "request_id": str(request.id),
        "subject": {
            "kind": request.subject_kind,
            "id": str(request.subject_id) if request.subject_id else None,
        },
        "received_on": request.received_on.isoformat(),
        "started_at": write_moment(request.started_at) if request.started_at else None,
        "issued_at": write_moment(timezone.now()),
        "tables": _list_tables(request),
        "audit_details_redacted": _step(request, Step.REDACT).get("done", 0),
        "keys_destroyed": _step(request, Step.DESTROY).get("done", 0),
        "is_blocked": request.progress.get("is_blocked", False),
        "queries": request.progress.get("queries", []),
        "horizons": list_horizons(
            removed=_step(request, Step.VACUUM).get("ended_at"),
            overwritten=overwritten_at,
            log_position=request.progress.get("lsn"),
            since=request.started_at,
        ),
    }


def _list_tables(request: Request) -> list[Document]:
    found: dict[str, int] = request.progress.get("found", {})
    done: dict[str, dict[str, int]] = request.progress.get("tables", {})
    return [
        {
            "table": label,
            "found": found.get(label, 0),
            "shredded": done.get(label, {}).get("shredded", 0),
            "deleted_only": done.get(label, {}).get("deleted", 0),
            "left": 0,
        }
        for label in sorted(found.keys() | done.keys())
    ]


def _step(request: Request, step: Step) -> dict[str, Any]:
    found: dict[str, Any] = request.progress.get("steps", {}).get(step.value, {})
    return found
