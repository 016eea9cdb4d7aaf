"""Erasing a whole tenant: its keys first, so that nothing can be read or written, then every row.

What stays is the audit trail without personal details, so that its proof still holds, and the
tenant's own row with the certificate. The row says how far the work is; each chunk holds it.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.redaction import redact_in_chunks
from apps.audit.domain.signing import read_signer
from apps.audit.models import (
    AuditAnchor,
    AuditCheckpoint,
    AuditDetail,
    AuditEvent,
    AuditSeal,
    SigningKey,
)
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.common.failures import log_failure
from apps.common.personal_data import PartOf
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.isolation.row_security import list_models
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.fields import SealedField
from apps.keys.models import EntityKey, Secret, TenantKey
from apps.memories.domain.journal import Erased, journal, prepare_journal
from apps.memories.models import Entity, JobDue, Renewal
from apps.privacy.classification import read_classes
from apps.privacy.domain.certificates import list_horizons, seal_certificate
from apps.privacy.domain.due_list import postpone, put_on_list, take_off_list
from apps.privacy.domain.running import write_moment
from apps.privacy.enums import TenantStep, Work
from apps.privacy.models import PrivacyDue, SubjectLink
from apps.privacy.vacuum import VacuumFailed, read_log_position, read_xid, vacuum_table
from apps.telemetry.models import OutboundHost
from apps.tenants.enums import Role
from apps.tenants.models import ApiKey, Invitation, Membership, Tenant

Model = type[TenantOwned]

CHUNK = 2_000
PAUSE = timedelta(seconds=60)  # before a chunk that came to nothing is tried again
TRAIL = (AuditEvent, AuditSeal, AuditCheckpoint, AuditAnchor, SigningKey)
"""Ids, hashes, signatures and times: what stays. Keys that sign are the instance's alone."""
DETAILS: Model = AuditDetail
"""Of the trail, what is personal: it goes by a door of the audit's own."""
KEYS: tuple[Model, ...] = (EntityKey, Secret, TenantKey)

State = dict[str, Any]


class Ended(Exception):
    """Somebody else has brought it to its end."""


def order_tenant_erasure(*, tenant: Tenant, is_forced: bool = False, by: Actor) -> None:
    """Close the tenant; workers do the rest. From the commit on its API keys are answered 401.

    Only its owners keep their way to it, to see how far it is and to fetch the certificate.
    Conflict where it is closed already, and for a legal hold, unless forced.
    """
    with tenant_scope(tenant.id):
        held = Tenant.objects.select_for_update(no_key=True).get(id=tenant.id)
        if held.closed_at:
            raise Conflict("This tenant is being erased already.")
        if not is_forced and Entity.objects.exclude(held_at=None).exists():
            raise Conflict(
                "An entity of this tenant is under a legal hold, so nothing is erased. Lift it"
                " first."
            )
        found = count_rows()
        _close_doors(held.id)
        held.closed_at = timezone.now()
        held.closing = {
            "slug": held.slug,
            "step": TenantStep.KEYS,
            "started_at": write_moment(held.closed_at),
            "found": found,
            "tables": {},
        }
        held.save(update_fields=["closed_at", "closing"])
        record(Action.TENANT_CLOSE, by=by, target_id=held.id, rows=sum(found.values()))
        put_on_list(Work.LEAVE, held.id, at=timezone.now())


def run_tenant_erasure(
    *, tenant_id: UUID, goes_on: Callable[[], bool] = lambda: True, by: Actor
) -> bool:
    """Do chunks while `goes_on`; answers whether something is left to do now. Outside scopes."""
    try:
        while _go_on(tenant_id, by):
            if not goes_on():
                return True
    except (Ended, VacuumFailed):
        return False
    except Exception as error:  # noqa: BLE001 - the sweeper finds it in the list, and tries again
        log_failure(error)
    return False


def find_erased_tenant(slug: str) -> Tenant:
    """The last that had this slug, and was closed; NotFound without one."""
    closed = Tenant.objects.filter(closing__slug=slug).order_by("-closed_at").first()
    if closed is None:
        raise NotFound(f"No tenant has the slug {slug}.", field="tenant")
    return closed


def read_certificate(tenant: Tenant) -> dict[str, Any]:
    """NotFound while it is not signed."""
    document: dict[str, Any] | None = (tenant.closing or {}).get("certificate")
    if document is None:
        raise NotFound("There is no certificate of this tenant's erasure yet.")
    return document


def renew_tenant_certificate(*, tenant_id: UUID, overwritten_at: str, by: Actor) -> None:
    """A further certificate, which says when the files were written anew."""
    signer = read_signer(by=by)
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
        assert tenant.closing is not None
        number = tenant.closing["certificate"]["number"] + 1
        tenant.closing["certificate"] = seal_certificate(
            _describe(tenant, number=number, overwritten_at=overwritten_at), signer
        )
        tenant.save(update_fields=["closing"])
        take_off_list(Work.SCRUB, tenant_id)


def count_rows() -> dict[str, int]:
    """How many there are by table, in the open scope. One statement for each table."""
    counts = {model._meta.label: model.objects.count() for model in list_emptied()}
    return {label: count for label, count in counts.items() if count}


@cache
def list_emptied() -> tuple[Model, ...]:
    """The models of which every row goes: what refers before what it refers to, keys at last."""
    left = [
        model for model in list_models() if model not in {*TRAIL, AuditDetail, TenantKey, Secret}
    ]
    ordered: list[Model] = []
    while left:
        needed = {whole for model in left for whole in _list_wholes(model)}
        free = [model for model in left if model not in needed]
        ordered += free
        left = [model for model in left if model in needed]
    return (*ordered, Secret, TenantKey)


def list_written() -> list[str]:
    """The database's tables from which it removes something."""
    return [model._meta.db_table for model in (*list_emptied(), DETAILS)]


def _list_wholes(model: Model) -> set[Any]:
    """Other models to whose rows this one's refer."""
    fields = [one for one in model._meta.local_fields if isinstance(one, TenantForeignKey)]
    wholes = {field.related_model for field in fields}
    whose = read_classes(model).whose
    if isinstance(whose, PartOf):
        wholes |= {other for other in list_models() if other._meta.label == whose.whole}
    return wholes - {model}


def _close_doors(tenant_id: UUID) -> None:
    for model in (ApiKey, Invitation, SubjectLink):
        model.objects.filter(tenant_id=tenant_id).delete()
    Membership.objects.filter(tenant_id=tenant_id).exclude(role=Role.OWNER).delete()


@contextmanager
def _chunk(tenant_id: UUID) -> Iterator[State]:
    """Its effects and what the tenant's row says of them are one transaction."""
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
        if tenant.closing is None or "certificate" in tenant.closing:
            raise Ended
        yield tenant.closing
        tenant.save(update_fields=["closing"])
        postpone(Work.LEAVE, tenant_id, at=timezone.now() + PAUSE)


def _go_on(tenant_id: UUID, by: Actor) -> bool:
    prepare_journal()
    with _chunk(tenant_id) as state:
        step = TenantStep(state["step"])
        if step in IN_CHUNKS:
            if IN_CHUNKS[step](tenant_id, state, by):
                state["step"] = _following(step)
            return True
    if step == TenantStep.VACUUM:
        _vacuum_next(tenant_id)
        return True
    _sign(tenant_id, by)
    return False


def _following(step: TenantStep) -> TenantStep:
    steps = list(TenantStep)
    return steps[steps.index(step) + 1]


def _destroy_keys(tenant_id: UUID, state: State, by: Actor) -> bool:  # noqa: ARG001
    """Waits for the writers that hold one. The tenant's own goes last."""
    for model in KEYS:
        if _delete_some(model, state):
            return False
    journal(Erased.TENANT, [tenant_id])
    return True


def _delete_rows(tenant_id: UUID, state: State, by: Actor) -> bool:  # noqa: ARG001
    for model in list_emptied():
        if _delete_some(model, state):
            return False
    _close_doors(tenant_id)  # once more, for who was just making one
    PrivacyDue.objects.filter(tenant_id=tenant_id).exclude(work=Work.LEAVE).delete()
    for listed in (JobDue, Renewal, OutboundHost):
        listed.objects.filter(tenant_id=tenant_id).delete()
    shutil.rmtree(Path(settings.EXPORTS_DIR) / str(tenant_id), ignore_errors=True)
    return True


def _delete_some(model: Model, state: State) -> int:
    """How many went; what refers to them inside their own table lets go first."""
    ids = list(model.objects.order_by().values_list("id", flat=True)[:CHUNK])
    if not ids:
        return 0
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey) and field.related_model is model:
            model.objects.filter(**{f"{field.name}__in": ids}).update(**{field.name: None})
    model.objects.filter(id__in=ids).delete()
    tables = state["tables"]
    tables[model._meta.label] = tables.get(model._meta.label, 0) + len(ids)
    state["xid"] = read_xid()
    return len(ids)


def _empty_trail(tenant_id: UUID, state: State, by: Actor) -> bool:
    ids = list(AuditDetail.objects.order_by().values_list("id", flat=True)[:CHUNK])
    if ids:
        state["redacted"] = state.get("redacted", 0) + redact_in_chunks(ids)
        state["xid"] = read_xid()
        return False
    record(Action.AUDIT_REDACT, by=by, target_id=tenant_id, redacted=state.get("redacted", 0))
    return True


def _vacuum_next(tenant_id: UUID) -> None:
    """One table. What a snapshot still sees is a failure, to be tried again."""
    with _chunk(tenant_id) as state:
        deleted_by, table = state.get("xid"), _next_to_vacuum(state)
        if table is None:
            state["step"] = _following(TenantStep.VACUUM)
            state["removed_at"] = write_moment(timezone.now())
            return
    if deleted_by is not None:
        vacuum_table(table, deleted_by=deleted_by)
    with _chunk(tenant_id) as state:
        state["clean"] = sorted({*state.get("clean", ()), table})


def _next_to_vacuum(state: State) -> str | None:
    """Named, since an upgrade in between may bring tables or another order."""
    return next((table for table in list_written() if table not in state.get("clean", ())), None)


def _search_rest(tenant_id: UUID, state: State, by: Actor) -> bool:  # noqa: ARG001
    """Whatever is left, of who wrote meanwhile, is deleted in another round."""
    counts = {model: model.objects.count() for model in (*list_emptied(), DETAILS)}
    state["queries"] = [
        {"table": model._meta.label, "asked": "rows of the tenant", "left": count}
        for model, count in counts.items()
    ]
    if any(counts.values()):
        state |= {"step": TenantStep.KEYS, "clean": []}
        return False
    return True


IN_CHUNKS: dict[TenantStep, Callable[[UUID, State, Actor], bool]] = {
    TenantStep.KEYS: _destroy_keys,
    TenantStep.ROWS: _delete_rows,
    TenantStep.TRAIL: _empty_trail,
    TenantStep.SEARCH: _search_rest,
}


@transaction.atomic
def _sign(tenant_id: UUID, by: Actor) -> None:
    """The last chunk. The slug is free again; the instance's trail says what was done."""
    signer = read_signer(by=by)
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
        if tenant.closing is None or "certificate" in tenant.closing:
            raise Ended
        tenant.closing |= {"lsn": read_log_position(), "ended_at": write_moment(timezone.now())}
        document = _describe(tenant, number=1, overwritten_at=None)
        tenant.closing["certificate"] = seal_certificate(document, signer)
        tenant.name, tenant.slug = "Erased tenant", f"_{tenant.id.hex}"
        tenant.save(update_fields=["name", "slug", "closing"])
        rows = sum(tenant.closing["tables"].values())
        record(Action.TENANT_ERASE, by=by, target_id=tenant_id, rows=rows)
        take_off_list(Work.LEAVE, tenant_id)
        put_on_list(Work.SCRUB, tenant_id, at=timezone.now())
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.TENANT_ERASE, by=by, target_id=tenant_id, rows=rows)


def _describe(tenant: Tenant, *, number: int, overwritten_at: str | None) -> dict[str, Any]:
    state = tenant.closing
    assert state is not None
    return {
        "kind": "erasure",
        "version": 1,
        "number": number,
        "tenant_id": str(tenant.id),
        "request_id": str(tenant.id),
        "subject": {"kind": "tenant", "id": state["slug"]},
        "received_on": state["started_at"][:10],
        "started_at": state["started_at"],
        "issued_at": write_moment(timezone.now()),
        "tables": _list_tables(state),
        "audit_details_redacted": state.get("redacted", 0),
        "keys_destroyed": sum(state["tables"].get(model._meta.label, 0) for model in KEYS),
        "is_blocked": False,
        "queries": state["queries"],
        "kept": [model._meta.label for model in TRAIL],
        "horizons": list_horizons(
            removed=state["removed_at"],
            overwritten=overwritten_at,
            log_position=state["lsn"],
            since=tenant.closed_at,
        ),
    }


def _list_tables(state: State) -> list[dict[str, Any]]:
    """All that was sealed is shredded: every key is gone."""
    labels = sorted(state["found"].keys() | state["tables"].keys())
    sealed = {model._meta.label for model in list_emptied() if _is_sealed(model)}
    return [
        {
            "table": label,
            "found": state["found"].get(label, 0),
            "shredded": state["tables"].get(label, 0) if label in sealed else 0,
            "deleted_only": 0 if label in sealed else state["tables"].get(label, 0),
            "left": 0,
        }
        for label in labels
    ]


def _is_sealed(model: Model) -> bool:
    return any(isinstance(field, SealedField) for field in model._meta.local_fields)
