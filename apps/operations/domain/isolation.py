"""Proving on the operator's own database that one tenant can't reach another's rows."""

from collections.abc import Callable

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.row_security import read_role, read_tables
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.domain.embedding_models import recorded_model
from apps.memories.embedders import substitute_embedder
from apps.memories.embedders.fixed import FixedEmbedder
from apps.operations.domain.canaries import empty_canaries, ensure_canaries
from apps.operations.models import IsolationProof
from apps.operations.proof.report import Finding, Report
from apps.operations.proof.statements import hold_lock
from apps.operations.proof.sweep import sweep


def prove_isolation(
    *, tell: Callable[[int, int], None] = lambda _, __: None, by: Actor
) -> IsolationProof:
    """Attack one canary tenant from another, and keep what came of it as the last proof.

    What is planted goes at the end; what a killed proof left goes at the beginning. No embedding
    model and no outside host is asked: the texts are constants, and all get one vector. `tell`
    hears after each attack how many are done. Some 2,000 statements. Conflict while another runs.
    """
    with hold_lock():
        report = Report(
            timezone.now(), read_role(), read_tables(), attacks=_attack(tell=tell, by=by)
        )
        return _keep(report, by=by)


def _attack(*, tell: Callable[[int, int], None], by: Actor) -> list[Finding]:
    model = recorded_model()
    ours, theirs = ensure_canaries(by=by)
    empty_canaries(tenants=(ours, theirs), by=by)
    try:
        with substitute_embedder(FixedEmbedder(model.name, model.dimensions)):
            return sweep(ours=ours, theirs=theirs, tell=tell, by=by)
    finally:
        empty_canaries(tenants=(ours, theirs), by=by)


def _keep(report: Report, *, by: Actor) -> IsolationProof:
    """In place of the proof before it. Its event says how much was tried and found."""
    proof = IsolationProof(
        proved_at=report.at,
        is_ok=report.failures == 0,
        attacks=report.tried,
        failures=report.failures,
        report=report.as_document(),
    )
    with tenant_scope(INSTANCE_TENANT_ID):
        IsolationProof.objects.all().delete()
        proof.save(force_insert=True)
        record(
            Action.ISOLATION_PROVE,
            by=by,
            target_id=proof.id,
            attacks=proof.attacks,
            tables=len(report.tables),
            failures=proof.failures,
        )
    return proof
