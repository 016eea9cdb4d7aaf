"""Reading requests."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import open_rows, with_keys
from apps.privacy.enums import ListState
from apps.privacy.models import ListExport, Request

if TYPE_CHECKING:
    from django.db.models import QuerySet


def read_request(*, tenant_id: UUID, request_id: UUID) -> Request:
    """With what is sealed in it; NotFound without one."""
    with tenant_scope(tenant_id):
        found = open_requests(Request.objects.filter(id=request_id))
        if not found:
            raise NotFound("Request not found!")
        return found[0]


def list_requests(*, offset: int, limit: int) -> tuple[list[Request], int]:
    """Newest first, in the open scope, and how many there are."""
    rows = Request.objects.order_by("-id")
    return open_requests(rows[offset : offset + limit]), rows.count()


def list_exports() -> "QuerySet[ListExport]":
    """Those that were confirmed and whose time is not over, the newest first. In the open scope."""
    rows = ListExport.objects.filter(expires_at__gt=timezone.now())
    return rows.exclude(state=ListState.CHOSEN).defer("memory_ids", "file_key").order_by("-id")


def open_requests(rows: "QuerySet[Request]") -> list[Request]:
    found = with_keys(rows, owner="subject_id")
    open_rows(found)
    return found
