"""What operators change of their own account."""

from django.db import transaction

from apps.accounts.models import NAME_LENGTH, Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Invalid
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope


@transaction.atomic
def rename_operator(*, operator: Operator, name: str, by: Actor) -> None:
    name = name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise Invalid(f"Enter a name of 1 to {NAME_LENGTH} characters.", field="name")
    Operator.objects.filter(id=operator.id).update(name=name)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.OPERATOR_RENAME, by=by, target_id=operator.id)
