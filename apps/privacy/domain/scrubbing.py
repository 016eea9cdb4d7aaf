"""Overwriting what erasures deleted: VACUUM only frees space, VACUUM FULL writes tables anew."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.privacy.domain.certificates import renew_certificate
from apps.privacy.domain.erasure import list_touched
from apps.privacy.domain.running import write_moment
from apps.privacy.domain.tenant_erasure import list_written, renew_tenant_certificate
from apps.privacy.enums import Work
from apps.privacy.models import PrivacyDue
from apps.privacy.vacuum import checkpoint, rewrite_table


@dataclass(frozen=True, slots=True)
class Scrub:
    tables: int
    certificates: int
    is_written: bool
    """Whether the files are known to hold it: PostgreSQL was told to write everything out."""


def scrub(*, is_forced: bool = False, by: Actor) -> Scrub:
    """Rewrite the tables that erasures touched, and say so on their certificates.

    Does nothing while no erasure waits for it, unless forced. Call outside any scope; nobody can
    use a table while it is rewritten.
    """
    waiting = list(PrivacyDue.objects.filter(work=Work.SCRUB).values_list("tenant_id", "item_id"))
    if not waiting and not is_forced:
        return Scrub(0, 0, is_written=False)
    tables = list_touched()
    if any(map(_is_whole_tenant, waiting)):
        tables = sorted({*tables, *list_written()})
    for table in tables:
        rewrite_table(table)
    is_written = checkpoint()
    _renew(waiting, by)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.SCRUB_MAKE, by=by, tables=len(tables), certificates=len(waiting))
    return Scrub(len(tables), len(waiting), is_written=is_written)


def _is_whole_tenant(item: tuple[UUID, UUID]) -> bool:
    tenant_id, item_id = item
    return tenant_id == item_id


def _renew(waiting: list[tuple[UUID, UUID]], by: Actor) -> None:
    at = write_moment(timezone.now())
    for item in waiting:
        tenant_id, request_id = item
        if _is_whole_tenant(item):
            renew_tenant_certificate(tenant_id=tenant_id, overwritten_at=at, by=by)
        else:
            renew_certificate(tenant_id=tenant_id, request_id=request_id, overwritten_at=at, by=by)
