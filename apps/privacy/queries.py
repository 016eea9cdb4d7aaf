"""Reading requests."""

from typing import TYPE_CHECKING
from uuid import UUID

from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.privacy.models import Request

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


def open_requests(rows: "QuerySet[Request]") -> list[Request]:
    found = with_keys(rows, owner="subject_id")
    for row in found:
        _ = row.reference, row.subject_name, row.corrections, row.explanation, row.redactions
    return found
