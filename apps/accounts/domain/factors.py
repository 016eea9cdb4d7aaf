"""Second factors of somebody who has lost them."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from apps.accounts.enums import Factor
from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope


@transaction.atomic
def remove_factors(*, operator: Operator, by: Actor) -> int:
    """From now on the password alone opens the account. How many there were; an event for each."""
    mine = Authenticator.objects.filter(user=operator)
    kinds = [Factor(kind) for kind in mine.values_list("type", flat=True)]
    mine._raw_delete(mine.db)  # no signals: the events stand here
    with tenant_scope(INSTANCE_TENANT_ID):
        for kind in kinds:
            record(Action.FACTOR_REMOVE, by=by, target_id=operator.id, kind=kind)
    return len(kinds)
