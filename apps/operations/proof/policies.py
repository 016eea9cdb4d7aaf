"""Wall 2 alone: SQL on the serving connection, past the ORM. And the references, which are SQL too.

The composite foreign keys hold what no policy can: a row of ours that names a row of theirs.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

from apps.isolation.row_security import name_table
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory, Vector
from apps.operations.proof import statements
from apps.operations.proof.attacks import DENIED, WITHOUT_TARGET, Act, Attack, Refusal
from apps.operations.proof.report import Wall
from apps.operations.proof.row_filters import list_references, on_each_table
from apps.operations.proof.stage import Stage, Target


def read_by_tenant(target: Target) -> object:
    return statements.select_of_tenant(target.model, target.theirs.tenant_id)


def read_by_id(target: Target) -> object:
    return statements.select_by_id(target.theirs)


def read_but_ours(target: Target) -> object:
    return statements.select_but_of_tenant(target.model, target.ours.tenant_id)


def update(target: Target) -> object:
    return statements.update_of_tenant(target.model, target.theirs.tenant_id)


def delete(target: Target) -> object:
    return statements.delete_of_tenant(target.model, target.theirs.tenant_id)


def move(target: Target) -> object:
    return statements.move(target.ours, target.theirs.tenant_id)


def our_scope(stage: Stage) -> AbstractContextManager[object]:
    return tenant_scope(stage.ours.id)


@contextmanager
def our_scope_without_policies(stage: Stage) -> Iterator[None]:
    with our_scope(stage), statements.policies_off():
        yield


@contextmanager
def after_our_scope(stage: Stage) -> Iterator[None]:
    """On the connection on which it has just ended."""
    with our_scope(stage):
        pass
    yield


def insert_copies(stage: Stage) -> dict[str, Act]:
    """A copy of a row of ours, as a row of theirs."""
    with our_scope(stage):
        documents = {
            target.model: statements.read_document(target.ours) for target in stage.targets
        }
    return {
        name_table(model): partial(statements.insert_document, model, document, stage.theirs.id)
        for model, document in documents.items()
    }


def read_their_key(stage: Stage) -> dict[str, Act]:
    return {"": partial(statements.select_wrapped_key, stage.theirs.id)}


def point_at_theirs(stage: Stage) -> dict[str, Act]:
    """Let each reference of ours name a row of theirs, and a vector belong to their memory."""
    by_model = {target.model: target for target in stage.targets}
    columns = [
        (target, str(field.column), referred) for target, field, referred in list_references(stage)
    ]
    shared_id = (by_model[Vector], "id", by_model[Memory])
    return {
        f"{target.table}.{column}": partial(
            statements.point, target.ours, column, referred.theirs.id
        )
        for target, column, referred in [*columns, shared_id]
    }


def attack(
    name: str,
    acts: Callable[[Stage], Mapping[str, Act]],
    scope: Callable[[Stage], AbstractContextManager[object]] = our_scope,
    refusal: Refusal | None = None,
) -> Attack:
    return Attack(name, Wall.POLICIES, acts, scope, refusal)


ATTACKS = (
    attack("SELECT by their tenant's id", on_each_table(read_by_tenant)),
    attack("SELECT by a row's id", on_each_table(read_by_id)),
    attack("SELECT of all but our rows", on_each_table(read_but_ours)),
    attack(
        "SELECT with row_security off", on_each_table(read_by_tenant), our_scope_without_policies
    ),
    attack("SELECT of their tenant key by its function", read_their_key),
    attack("UPDATE of their rows", on_each_table(update)),
    attack("DELETE of their rows", on_each_table(delete)),
    attack("INSERT of a row as theirs", insert_copies, refusal=DENIED),
    attack("UPDATE that gives a row of ours to them", on_each_table(move), refusal=DENIED),
    attack("SELECT without a tenant", on_each_table(read_by_tenant), nullcontext),
    attack("SELECT after our scope has ended", on_each_table(read_by_tenant), after_our_scope),
    attack("UPDATE without a tenant", on_each_table(update), nullcontext),
    attack("DELETE without a tenant", on_each_table(delete), nullcontext),
    attack("INSERT without a tenant", insert_copies, nullcontext, DENIED),
    Attack(
        "UPDATE that points a row of ours at a row of theirs",
        Wall.REFERENCES,
        point_at_theirs,
        our_scope,
        WITHOUT_TARGET,
        unit="reference",
    ),
)
