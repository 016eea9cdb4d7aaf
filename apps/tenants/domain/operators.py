"""Making operators, and what instance owners decide about them."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.redaction import redact_operator
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.domain.memberships import check_owner_stays, grant_membership
from apps.tenants.enums import Role
from apps.tenants.models import Invitation, Tenant


@transaction.atomic
def create_operator(
    *,
    email: str,
    password: str,
    tenant: Tenant,
    role: Role,
    is_instance_owner: bool = False,
    name: str = "",
    by: Actor,
) -> Operator:
    """An operator with a role in a tenant. Refuses a bad or taken e-mail and a weak password."""
    email = clean_email(email)
    operator = Operator(email=email, name=name.strip(), is_instance_owner=is_instance_owner)
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
def switch_operator(*, operator: Operator, is_on: bool, by: Actor) -> None:
    """Off: every sign-in and session ends at once, roles stay for another day.

    Refuses the last instance owner, and the last owner of a tenant.
    """
    if not is_on:
        _check_instance_owner_stays(operator)
        for membership in operator.memberships.select_related("tenant").order_by("tenant_id"):
            check_owner_stays(membership)
    Operator.objects.filter(id=operator.id).update(is_active=is_on)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.OPERATOR_SWITCH, by=by, target_id=operator.id, is_on=is_on)


@transaction.atomic
def change_instance_owner(*, operator: Operator, is_owner: bool, by: Actor) -> None:
    """Refuses to take it from the last one."""
    if not is_owner:
        _check_instance_owner_stays(operator)
    Operator.objects.filter(id=operator.id).update(is_instance_owner=is_owner)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.INSTANCE_OWNER_CHANGE, by=by, target_id=operator.id, is_owner=is_owner)


@transaction.atomic
def delete_operator(*, operator: Operator, by: Actor) -> None:
    """The account goes with its factors, sessions and roles; in every trail what is personal of it.

    What was done stays, by an id that names nobody. Refuses oneself, the last instance owner and
    the last owner of a tenant. Two statements and more for each tenant that there is.
    """
    if operator.id == by.id:
        raise Conflict("Another instance owner deletes your account.")
    _check_instance_owner_stays(operator)
    for membership in operator.memberships.select_related("tenant").order_by("tenant_id"):
        check_owner_stays(membership)
    redacted = _redact_trails(operator, by)
    Invitation.objects.filter(email=operator.email).delete()
    operator_id = operator.id
    operator.delete()
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.OPERATOR_DELETE, by=by, target_id=operator_id, redacted=redacted)


def _redact_trails(operator: Operator, by: Actor) -> int:
    """How many events had personal details of this operator, over all tenants."""
    redacted = 0
    for tenant_id in Tenant.objects.order_by("id").values_list("id", flat=True):
        invitations = Invitation.objects.filter(tenant_id=tenant_id, email=operator.email)
        with tenant_scope(tenant_id):
            redacted += redact_operator(
                operator_id=operator.id,
                invitation_ids=list(invitations.values_list("id", flat=True)),
                email=operator.email,
                by=by,
            )
    return redacted


def _check_instance_owner_stays(operator: Operator) -> None:
    """Holds them all until the commit, so that the last two can't go at once."""
    owners = Operator.objects.filter(is_instance_owner=True, is_active=True).order_by("id")
    if {one.id for one in owners.select_for_update()} == {operator.id}:
        raise Conflict(f"{operator} is the last instance owner. Make another one first.")


def clean_email(email: str) -> str:
    """As it is kept; Invalid where it is none."""
    email = email.strip().lower()
    try:
        Operator._meta.get_field("email").clean(email, None)
    except ValidationError:
        raise Invalid("Give an e-mail address such as name@example.org.", field="email") from None
    return email
