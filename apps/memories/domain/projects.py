"""What a tenant's applications have set for its memories."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict
from apps.isolation.scope import tenant_scope
from apps.memories.models import Project


def read_project(tenant_id: UUID) -> dict[str, Any]:
    """Everything that was set, by name. One statement."""
    with tenant_scope(tenant_id):
        row = Project.objects.first()
        return dict(row.values) if row else {}


def configure_project(*, tenant_id: UUID, values: Mapping[str, Any], by: Actor) -> None:
    """Set these values and leave the others. Conflict where two set the first ones at once."""
    try:
        with tenant_scope(tenant_id):
            row = Project.objects.select_for_update().first() or Project(values={})
            row.values = row.values | dict(values)
            row.updated_at = timezone.now()
            row.save()
            record(Action.PROJECT_CONFIGURE, by=by, target_id=tenant_id, fields=len(values))
    except IntegrityError:
        raise Conflict("Another request has changed the project. Send it again.") from None
