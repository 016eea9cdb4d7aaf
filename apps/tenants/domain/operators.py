"""Making operators and giving them a role."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.enums import Role
from apps.tenants.models import Membership, Tenant


@transaction.atomic
def create_operator(
    *,
    email: str,
    password: str,
    tenant: Tenant,
    role: Role,
    is_instance_owner: bool = False,
    by: Actor,
) -> Operator:
    """An operator with a role in a tenant. Refuses a bad or taken e-mail and a weak password."""
    operator = Operator(email=_clean_email(email), is_instance_owner=is_instance_owner)
    try:
        validate_password(password, operator)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from None
    operator.set_password(password)
    try:
        with transaction.atomic():
            operator.save(force_insert=True)
    except IntegrityError:
        raise Conflict("An operator with this e-mail address exists.", field="email") from None
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.OPERATOR_CREATE, by=by, target_id=operator.id)
    grant_membership(operator=operator, tenant=tenant, role=role, by=by)
    return operator


@transaction.atomic
def grant_membership(*, operator: Operator, tenant: Tenant, role: Role, by: Actor) -> None:
    """Give the operator this role in the tenant, in place of any other there."""
    Membership.objects.update_or_create(operator=operator, tenant=tenant, defaults={"role": role})
    with tenant_scope(tenant.id):
        record(Action.MEMBERSHIP_GRANT, by=by, target_id=operator.id, role=Role(role))


def _clean_email(email: str) -> str:
    email = email.strip().lower()
    try:
        Operator._meta.get_field("email").clean(email, None)
    except ValidationError:
        raise Invalid("Give an e-mail address such as name@example.org.", field="email") from None
    return email
