"""What makes a proof of isolation fail, besides a leak."""

import dataclasses
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.audit.models import AuditDue
from apps.common.actor import SYSTEM
from apps.common.errors import Conflict
from apps.isolation.operations import TENANT_MATCHES
from apps.isolation.row_security import Role, Table
from apps.isolation.scope import tenant_scope
from apps.memories.models import JobDue, Memory
from apps.operations.domain import canaries as planting
from apps.operations.domain.canaries import empty_canaries, ensure_canaries, plant_canary
from apps.operations.proof import api_calls, attacks, domain_calls, row_filters, statements
from apps.operations.proof.attacks import Attack, run_attack
from apps.operations.proof.report import Report, Wall
from apps.operations.proof.stage import ControlFailed, set_stage
from apps.operations.proof.text import ONE_LOGIN, write_report
from apps.privacy.models import PrivacyDue
from tests.support.canaries import failed, prove
from tests.support.kernel import tenant_models

pytestmark = pytest.mark.usefixtures("attacks")


@pytest.fixture
def stage(db):
    ours, theirs = ensure_canaries(by=SYSTEM)
    planted = [plant_canary(tenant=tenant, by=SYSTEM) for tenant in (ours, theirs)]
    return set_stage(ours=planted[0], theirs=planted[1], by=SYSTEM)


def try_one(stage, act, **fields):
    attack = Attack("test", Wall.API, lambda stage: {"": lambda: act(stage)}, **fields)
    finding = run_attack(attack, stage)
    return finding.is_ok, finding.detail


def test_every_table_of_tenants_is_planted(stage):
    assert [target.model for target in stage.targets] == tenant_models()
    assert len(stage.planted) == len(tenant_models())


def test_nothing_is_left_to_those_who_work_beside_a_proof(db, settings):
    settings.AUDIT_ANCHORS = True
    canaries = [plant_canary(tenant=one, by=SYSTEM).id for one in ensure_canaries(by=SYSTEM)]
    soon = timezone.now() + timedelta(minutes=30)

    assert not AuditDue.objects.filter(tenant_id__in=canaries).exists()
    assert not JobDue.objects.filter(tenant_id__in=canaries, due_at__lte=soon).exists()
    assert not PrivacyDue.objects.filter(tenant_id__in=canaries, at__lte=soon).exists()


def test_every_table_is_emptied_or_keeps_what_a_tenant_keeps():
    kept = {"TenantKey", "AuditEvent", "AuditDetail", "AuditSeal", "AuditCheckpoint", "SigningKey"}

    assert {model.__name__ for model in tenant_models()} == kept | {
        model.__name__ for model in planting.EMPTIED
    }


def test_table_without_a_row_fails_the_proof(db, monkeypatch):
    monkeypatch.setattr(planting, "create_secret", lambda name: None)

    assert failed(prove()) == {
        "control": {
            "plant our rows and theirs": "ControlFailed: nothing was planted in keys.secret"
        }
    }


def test_policies_that_do_not_open_fail_the_proof(db, monkeypatch):
    """Else the row filters would be held by row-level security, and nobody would know."""
    monkeypatch.setattr(statements, "open_policies", lambda tenant_id: None)

    wrong = failed(prove())

    assert wrong == {
        "row filters": {attack.name: "the policies did not open" for attack in row_filters.ATTACKS}
    }


def test_lists_without_our_own_rows_fail_the_proof(db, monkeypatch):
    empty = api_calls.Answer(200, b'{"results":[]}')
    monkeypatch.setattr(api_calls.Caller, "__call__", lambda *_: empty)
    monkeypatch.setattr(domain_calls, "list_entities", lambda **_: [])
    monkeypatch.setattr(domain_calls, "search_entities", lambda **_: [])

    wrong = failed(prove())

    assert wrong["domain functions"] == {"list entities": "our own entities were not found"}
    assert {
        name: wrong["API"][name] for name in ("list with *", "list entities", "DELETE all with *")
    } == {
        "list with *": "nothing of ours was answered",
        "list entities": "nothing of ours was answered",
        "DELETE all with *": "nothing of ours was deleted",
    }


def test_rows_that_are_gone_before_an_attack_fail_it(stage):
    empty_canaries(tenants=[stage.theirs.tenant], by=SYSTEM)

    assert try_one(stage, lambda stage: None) == (False, "their rows are gone")


def test_attack_that_changes_their_rows_is_found_and_rolled_back(stage):
    def change(stage):
        with tenant_scope(stage.theirs.id):
            Memory.objects.filter(id=stage.theirs.memory.id).update(role="system")

    assert try_one(stage, change) == (
        False,
        "memories_memory: their rows were changed",
    )
    with tenant_scope(stage.theirs.id):
        assert Memory.objects.get(id=stage.theirs.memory.id).role == "user"


def fail(error):
    def act(stage):
        raise error

    return act


def ask(sql):
    def act(stage):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return act


@pytest.mark.parametrize(
    ("act", "fields", "finding"),
    [
        (lambda stage: None, {}, (True, "nothing found")),
        (lambda stage: (0, {"memories.Memory": 0}), {}, (True, "nothing found")),
        (lambda stage: (2, {"memories.Memory": 2}), {}, (False, "2 rows got through")),
        (lambda stage: [7], {}, (False, "1 row got through")),
        (lambda stage: 3, {}, (False, "3 rows got through")),
        (lambda stage: True, {}, (False, "got through")),
        (lambda stage: stage.theirs, {}, (False, "got through")),
        (lambda stage: None, {"refusal": attacks.DENIED}, (False, "was not refused")),
        (fail(Memory.DoesNotExist()), {}, (True, "not found")),
        (fail(ControlFailed("nothing was there")), {}, (False, "nothing was there")),
        (fail(TypeError("secret")), {}, (False, "not tried: TypeError")),
        (ask("SELECT 1 / 0"), {}, (False, "not tried: 22012")),
        (ask("CREATE ROLE nobody"), {}, (True, "refused by PostgreSQL")),
        (ask("CREATE ROLE nobody"), {"refusal": attacks.DENIED}, (True, "refused by PostgreSQL")),
        (
            ask("SELECT 1 / 0"),
            {"refusal": attacks.DENIED},
            (False, "not refused by this wall: 22012"),
        ),
    ],
)
def test_answers_are_judged(stage, act, fields, finding):
    assert try_one(stage, act, **fields) == finding


def test_attack_without_a_place_to_try_it_is_not_held(stage):
    finding = run_attack(Attack("test", Wall.API, lambda stage: {}), stage)

    assert (finding.is_ok, finding.detail) == (False, "nothing was tried")


def test_attack_that_can_not_be_prepared_does_not_end_the_others(stage):
    finding = run_attack(Attack("test", Wall.API, fail(KeyError("secret"))), stage)

    assert (finding.is_ok, finding.detail) == (False, "not tried: KeyError")


def test_lock_is_held_by_one_and_let_go(db):
    with statements.hold_lock():
        with pytest.raises(Conflict), statements.hold_lock():
            pass
    with pytest.raises(KeyError), statements.hold_lock():
        raise KeyError
    with statements.hold_lock():
        pass


ROLE = Role("app", "app", is_superuser=False, can_bypass=False)
TABLE = Table(
    name="t",
    is_owned=False,
    is_forced=True,
    rules=[TENANT_MATCHES],
    policies=["owner", "tenant"],
    rights=["SELECT"],
    primary_key=["tenant_id", "id"],
)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, []),
        ({"is_forced": False}, ["row-level security not enabled and forced"]),
        ({"rules": []}, ["not the tenant's policy alone"]),
        ({"rules": [TENANT_MATCHES, "true"]}, ["not the tenant's policy alone"]),
        ({"rules": [f"{TENANT_MATCHES} OR true"]}, ["not the tenant's policy alone"]),
        ({"rights": ["SELECT", "TRUNCATE"]}, ["more rights than rows need"]),
        ({"primary_key": ["id"]}, ["another primary key"]),
    ],
)
def test_faults_of_a_table_fail_the_proof(fields, faults):
    table = dataclasses.replace(TABLE, **fields)

    document = Report(timezone.now(), ROLE, [TABLE, table], []).as_document()

    assert document["tables"][1]["faults"] == faults
    assert document["ok"] is (faults == [])


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, []),
        ({"is_superuser": True}, ["is a superuser, or can become one"]),
        (
            {"can_bypass": True},
            ["bypasses row-level security, or can become a role that does"],
        ),
        ({"login": "another"}, []),
    ],
)
def test_faults_of_the_role_fail_the_proof(fields, faults):
    role = dataclasses.replace(ROLE, **fields)

    document = Report(timezone.now(), role, [TABLE], []).as_document()

    assert document["role"]["faults"] == faults
    assert document["ok"] is (faults == [])


def test_text_names_what_is_wrong(db):
    report = prove().report
    report["ok"], report["role"]["can_leave"] = False, True
    [events] = [one for one in report["tables"] if one["table"] == "audit_auditevent"]
    events |= {"ok": False, "faults": ["row-level security off"]}
    report["attacks"][2] |= {"ok": False, "detail": "1 row got through"}

    lines = write_report(report).splitlines()

    assert lines[1] == ONE_LOGIN
    assert [line.split()[:3] for line in lines if line.startswith("FAIL")] == [
        ["FAIL", "audit_auditevent", "row-level"],
        ["FAIL", "row", "filters"],
    ]
    assert lines[-1].startswith("NOT PROVED at ")
