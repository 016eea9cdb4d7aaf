"""Wall 1 alone: the ORM in our scope, while the policies are opened for them on purpose.

The database would hand out their rows, and only theirs: what is held here is held by the ORM.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial

from django.db.models import F, ForeignKey, QuerySet

from apps.common.ids import uuid7
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.operations.proof import statements
from apps.operations.proof.attacks import Act, Attack, Refusal
from apps.operations.proof.report import Wall
from apps.operations.proof.stage import ControlFailed, Stage, Target


def read_all(target: Target) -> object:
    rows = target.model.objects.values_list("id", "tenant_id")
    return [row_id for row_id, tenant_id in rows if tenant_id != target.ours.tenant_id]


def read_by_tenant(target: Target) -> object:
    return list(target.model.objects.filter(tenant_id=target.theirs.tenant_id).values_list("id"))


def get(target: Target) -> object:
    return target.model.objects.get(id=target.theirs.id)


def read_in_bulk(target: Target) -> object:
    return target.model.objects.in_bulk([target.theirs.id])


def reload(target: Target) -> object:
    copy(target.theirs).refresh_from_db()
    return target.theirs


def exists(target: Target) -> object:
    return target.model.objects.filter(id=target.theirs.id).exists()


def count(target: Target) -> object:
    return target.model.objects.filter(tenant_id=target.theirs.tenant_id).count()


def read_past_the_manager(target: Target) -> object:
    return list(QuerySet(target.model).values_list("id"))


def update(target: Target) -> object:
    return target.model.objects.filter(id=target.theirs.id).update(id=F("id"))


def delete(target: Target) -> object:
    return target.model.objects.filter(id=target.theirs.id).delete()


def delete_past_the_manager(target: Target) -> object:
    return QuerySet(target.model).filter(id=target.theirs.id).delete()


def save_theirs(target: Target) -> object:
    copy(target.theirs).save(update_fields=["tenant_id"])
    return target.theirs


def delete_theirs(target: Target) -> object:
    return copy(target.theirs).delete()


def create(target: Target) -> object:
    make_row_of_theirs(target).save(force_insert=True)
    return target.theirs


def create_in_bulk(target: Target) -> object:
    return target.model.objects.bulk_create([make_row_of_theirs(target)])


def move(target: Target) -> object:
    ours = target.model.objects.filter(id=target.ours.id)
    return ours.update(tenant_id=target.theirs.tenant_id)


def make_row_of_theirs(target: Target) -> TenantOwned:
    row = copy(target.ours)
    row.id, row.tenant_id, row._state.adding = uuid7(), target.theirs.tenant_id, True
    return row


@contextmanager
def our_opened_scope(stage: Stage) -> Iterator[None]:
    with tenant_scope(stage.ours.id), opened_policies(stage):
        yield


@contextmanager
def opened_policies(stage: Stage) -> Iterator[None]:
    """Until the attack's transaction is rolled back."""
    statements.open_policies(stage.theirs.id)
    if statements.measure(stage.theirs.rows.values()) != stage.planted:
        raise ControlFailed("the policies did not open")
    yield


def on_each_table(act: Callable[[Target], object]) -> Callable[[Stage], dict[str, Act]]:
    return lambda stage: {target.table: partial(act, target) for target in stage.targets}


def follow_references(stage: Stage) -> dict[str, Act]:
    """From a row of ours that names a row of theirs."""
    return {
        f"{target.table}.{field.column}": partial(follow, target, field, referred)
        for target, field, referred in list_references(stage)
    }


def follow(target: Target, field: "ForeignKey[object, object]", referred: Target) -> object:
    row = target.model(**{field.attname: referred.theirs.id})
    return getattr(row, field.name)


def list_references(
    stage: Stage,
) -> Iterator[tuple[Target, "ForeignKey[object, object]", Target]]:
    """Each reference between tenants' tables, with where it begins and where it leads."""
    by_model: dict[object, Target] = {target.model: target for target in stage.targets}
    for target in stage.targets:
        for field in target.model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                yield target, field, by_model[field.related_model]


def enter_their_scope(stage: Stage) -> dict[str, Act]:
    def act() -> object:
        with tenant_scope(stage.theirs.id):
            return stage.theirs

    return {"": act}


def attack(name: str, act: Callable[[Target], object], refusal: Refusal | None = None) -> Attack:
    return Attack(name, Wall.ROW_FILTERS, on_each_table(act), our_opened_scope, refusal)


ATTACKS = (
    attack("read all rows", read_all),
    attack("read the rows of their tenant's id", read_by_tenant),
    attack("read a row by its id", get),
    attack("read rows in bulk by their ids", read_in_bulk),
    attack("read a row again", reload),
    attack("ask whether a row is there", exists),
    attack("count the rows of their tenant's id", count),
    attack("read all rows past the manager", read_past_the_manager, TenantScopeError),
    attack("change a row by its id", update),
    attack("delete a row by its id", delete),
    attack("delete a row past the manager", delete_past_the_manager),
    attack("save a row of theirs", save_theirs, TenantScopeError),
    attack("delete a row of theirs", delete_theirs, TenantScopeError),
    attack("create a row as theirs", create, TenantScopeError),
    attack("create rows in bulk as theirs", create_in_bulk, TenantScopeError),
    attack("give a row of ours to them", move, TenantScopeError),
    Attack(
        "follow a reference to a row",
        Wall.ROW_FILTERS,
        follow_references,
        our_opened_scope,
        unit="reference",
    ),
    Attack(
        "read all rows without a tenant",
        Wall.ROW_FILTERS,
        on_each_table(read_all),
        opened_policies,
        TenantScopeError,
    ),
    Attack(
        "enter their scope from ours",
        Wall.ROW_FILTERS,
        enter_their_scope,
        our_opened_scope,
        TenantScopeError,
    ),
)
