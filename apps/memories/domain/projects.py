"""What a tenant's applications have set for its memories."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict
from apps.isolation.scope import tenant_scope
from apps.memories.domain.values import Guidance
from apps.memories.models import Project


def read_project(tenant_id: UUID) -> dict[str, Any]:
    """Everything that was set, by name. One statement."""
    with tenant_scope(tenant_id):
        row = Project.objects.first()
        return dict(row.values) if row else {}


def complete_guidance(asked: Guidance, *, tenant_id: UUID, is_agents: bool) -> Guidance:
    """What a request asks of an extraction; where it asks nothing, what the project does.

    An agent's conversation without a user follows the agents' instructions, if there are any.
    """
    project = read_project(tenant_id)
    theirs = project.get("agent_custom_instructions") if is_agents else None
    categories = {
        name: about
        for item in project.get("custom_categories") or ()
        for name, about in item.items()
    }
    return replace(
        asked,
        instructions=asked.instructions or theirs or project.get("custom_instructions") or "",
        categories=asked.categories or categories,
    )


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
