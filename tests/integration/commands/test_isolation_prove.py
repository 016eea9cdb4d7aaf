import json
import subprocess
import sys
from functools import partial

import pytest
from django.db import connections

from apps.audit.models import AuditEvent
from apps.isolation import scope
from apps.isolation.operations import TENANT_MATCHES
from apps.isolation.row_security import name_table
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.operations.models import IsolationProof
from apps.operations.proof import row_filters
from apps.operations.proof.statements import hold_lock
from apps.operations.proof.sweep import ATTACKS
from memoryhub.embedded.layout import PROJECT
from tests.integration.commands.run import run, run_process
from tests.integration.server import environment
from tests.support.canaries import (
    altered,
    canaries,
    count_rows,
    execute,
    failed,
    prove,
    role,
    served_as,
)
from tests.support.committed import committing
from tests.support.kernel import tenant_models
from tests.support.processes import wait_until

pytestmark = pytest.mark.usefixtures("attacks")

KEPT = {
    "TenantKey": 1,
    "AuditEvent": 17,
    "AuditDetail": 1,
    "AuditSeal": 16,
    "AuditCheckpoint": 1,
    "SigningKey": 1,
}
"""Of each canary after one proof; its events are those of making, planting and emptying it."""


@pytest.fixture
def committed(django_db_setup, django_db_blocker, attacks):
    """Proofs commit, as they do for operators."""
    with committing(django_db_blocker):
        yield
        IsolationProof.objects.all().delete()


def tables():
    return sorted(name_table(model) for model in tenant_models())


def test_text_says_what_was_tried_and_what_held_it(db):
    code, out, err = run("isolation_prove")

    assert code == 0
    lines = out.splitlines()
    assert lines[0] == (
        "Serving role memoryhub_app: no superuser, bound by policies, owner of no tenant's table."
    )
    found = [line.split() for line in lines if line.startswith(("ok ", "FAIL"))]
    assert [words[1] for words in found[: len(tables())]] == tables()
    assert len(found) == len(tables()) + len(ATTACKS) + 2
    assert {words[0] for words in found} == {"ok"}
    assert lines[-1].startswith("Proved at ")
    total = len(ATTACKS)
    assert err.splitlines()[-1] == f"{total} of {total} attacks"


def test_json_is_one_document(db):
    code, out, _ = run("isolation_prove", "--json")

    report = json.loads(out)
    assert code == 0
    assert report.keys() == {"ok", "at", "role", "tables", "attacks"}
    assert report["ok"] is True
    assert report["role"] == {
        "name": "memoryhub_app",
        "login": "memoryhub_app",
        "is_superuser": False,
        "can_bypass": False,
        "can_leave": False,
        "ok": True,
        "faults": [],
    }
    assert [table["table"] for table in report["tables"]] == tables()
    [events] = [one for one in report["tables"] if one["table"] == "audit_auditevent"]
    assert events == {
        "table": "audit_auditevent",
        "is_forced": True,
        "policies": ["owner", "tenant"],
        "rights": ["SELECT", "INSERT"],
        "primary_key": ["tenant_id", "id"],
        "ok": True,
        "faults": [],
    }
    assert {tuple(attack) for attack in report["attacks"]} == {("name", "wall", "ok", "detail")}
    assert [attack["ok"] for attack in report["attacks"]] == [True] * (len(ATTACKS) + 2)


def test_every_wall_is_tried_on_every_table(db):
    details = {
        (attack["wall"], attack["name"]): attack["detail"] for attack in prove().report["attacks"]
    }

    count = len(tables())
    assert details["control", "plant our rows and theirs"] == f"{count} tables"
    assert details["row filters", "read all rows"] == f"{count} tables: nothing found"
    assert (
        details["row-level security", "INSERT of a row as theirs"]
        == f"{count} tables: refused by PostgreSQL"
    )
    assert details["domain functions", "use the key of their user"] == "no key to open it with"
    assert {wall for wall, _ in details} == {
        "control",
        "row filters",
        "row-level security",
        "foreign keys",
        "domain functions",
        "API",
    }


def test_canaries_are_made_once_and_emptied_after_each_proof(committed):
    prove()
    first = canaries()
    one = [count_rows(tenant) for tenant in first]
    prove()

    assert [tenant.slug for tenant in first] == ["_canary-a", "_canary-b"]
    assert canaries() == first
    empty = dict.fromkeys((model.__name__ for model in tenant_models()), 0)
    assert one == [empty | KEPT] * 2
    more = {"AuditEvent": 33, "AuditDetail": 2, "AuditSeal": 32, "AuditCheckpoint": 2}
    assert [count_rows(tenant) for tenant in first] == [empty | KEPT | more] * 2


def test_last_proof_is_kept_and_its_event_has_the_counts(db):
    first, last = prove(), prove()

    [kept] = IsolationProof.objects.all()
    assert (kept.id, kept.report) == (last.id, last.report)
    assert (kept.is_ok, kept.attacks, kept.failures) == (True, len(ATTACKS), 0)
    with tenant_scope(INSTANCE_TENANT_ID):
        events = AuditEvent.objects.filter(action="isolation.prove").order_by("id")
        assert [(event.target_id, event.actor_kind, event.facts) for event in events] == [
            (
                proof.id,
                "system",
                {"attacks": len(ATTACKS), "tables": len(tables()), "failures": 0},
            )
            for proof in (first, last)
        ]


def test_no_model_embeds(db, settings, monkeypatch):
    def refuse():
        raise AssertionError("The installation's model was asked for.")

    monkeypatch.setattr("apps.memories.embedders.load_embedder", refuse)

    assert prove().is_ok


def test_second_proof_at_once_is_refused(db):
    with hold_lock():
        assert run("isolation_prove") == (
            1,
            "",
            "A proof is running on this database. Wait for its end.",
        )
    assert run("isolation_prove").code == 0


def test_killed_proof_is_cleaned_up_by_the_next(committed):
    execute("BEGIN", "LOCK TABLE tenants_apikey IN ACCESS EXCLUSIVE MODE")
    command = [sys.executable, PROJECT / "manage.py", "isolation_prove"]
    killed = subprocess.Popen(command, env=environment(), cwd=PROJECT, stderr=subprocess.PIPE)
    try:
        wait_until(is_waiting)
    finally:
        killed.kill()
        killed.communicate()
        execute("ROLLBACK")
    left = [count_rows(tenant)["Memory"] for tenant in canaries()]

    code, out, _ = run_process("isolation_prove", "--json")

    assert left == [2, 2]
    assert (code, json.loads(out)["ok"]) == (0, True)
    assert [count_rows(tenant)["Memory"] for tenant in canaries()] == [0, 0]


def is_waiting():
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_wrong_usage_is_2(django_db_setup):
    assert run_process("isolation_prove", "--all").code == 2


def test_leak_is_1_with_its_report_on_stdout(committed):
    table = "memories_version"
    with altered(
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    ):
        code, out, err = run_process("isolation_prove", "--json")

    report = json.loads(out)
    assert (code, report["ok"]) == (1, False)
    assert [part["table"] for part in report["tables"] if not part["ok"]] == [table]
    wrong = [attack for attack in report["attacks"] if not attack["ok"]]
    assert {attack["wall"] for attack in wrong} == {"row-level security"}
    assert all(attack["detail"].startswith(f"{table}: ") for attack in wrong)
    assert err.endswith(f"CommandError: Tenants are not kept apart: {len(wrong) + 1} failures.\n")


def test_leak_in_sql_is_rolled_back_and_named(committed):
    table = "memories_blockedid"
    with altered(
        f"CREATE POLICY wide ON {table} USING (true) WITH CHECK (true)",
        f"DROP POLICY wide ON {table}",
    ):
        proof = prove()
    wrong = failed(proof)["row-level security"]

    assert failed(proof).keys() == {"row-level security"}
    assert wrong == {
        "SELECT by their tenant's id": f"{table}: 1 row got through",
        "SELECT by a row's id": f"{table}: 1 row got through",
        "SELECT of all but our rows": f"{table}: 1 row got through",
        "UPDATE of their rows": f"{table}: 1 row got through",
        "DELETE of their rows": f"{table}: 1 row got through, their rows were changed",
        "INSERT of a row as theirs": f"{table}: was not refused, their rows were changed",
        "UPDATE that gives a row of ours to them": (
            f"{table}: was not refused, their rows were changed"
        ),
        "SELECT without a tenant": f"{table}: 1 row got through",
        "SELECT after our scope has ended": f"{table}: 1 row got through",
        "UPDATE without a tenant": f"{table}: 1 row got through",
        "DELETE without a tenant": f"{table}: 1 row got through, their rows were changed",
        "INSERT without a tenant": f"{table}: was not refused, their rows were changed",
    }


def test_table_without_its_policy_can_not_be_planted(committed):
    execute("DROP POLICY tenant ON memories_memory")
    try:
        proof = prove()
    finally:
        execute(
            f"CREATE POLICY tenant ON memories_memory USING ({TENANT_MATCHES})"
            f" WITH CHECK ({TENANT_MATCHES})"
        )

    [attack] = proof.report["attacks"]
    assert (attack["name"], attack["ok"]) == ("plant our rows and theirs", False)
    assert "row-level security" in attack["detail"]
    assert prove().is_ok


def test_missing_reference_is_found(committed):
    table, name = "memories_version", "memories_version_memory_id_in_tenant"
    with altered(
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, memory_id)"
        " REFERENCES memories_memory (tenant_id, id)",
    ):
        proof = prove()

    assert failed(proof) == {
        "foreign keys": {
            "UPDATE that points a row of ours at a row of theirs": f"{table}.memory_id: was not refused"
        }
    }


@pytest.mark.parametrize(
    ("option", "fact"), [("BYPASSRLS", "can_bypass"), ("SUPERUSER", "is_superuser")]
)
def test_role_that_no_policy_binds_is_found(committed, option, fact):
    with role(option) as name, served_as(name):
        proof = prove()

    assert proof.report["role"][fact] is True
    assert proof.report["role"]["ok"] is False
    assert "SELECT by their tenant's id" in failed(proof)["row-level security"]
    assert "row filters" not in failed(proof)


def test_owner_that_serves_is_found(committed):
    with served_as(connections["owner"].settings_dict["USER"]):
        proof = prove()

    assert proof.report["role"]["faults"][0].startswith("owns audit_auditanchor, ")
    assert "DELETE of their rows" in failed(proof)["row-level security"]


def test_row_filters_that_are_off_are_found(db, monkeypatch):
    monkeypatch.setattr(scope, "Scope", partial(scope.Scope, is_filtered=False))

    wrong = failed(prove())

    assert wrong.keys() == {"row filters"}
    assert wrong["row filters"].keys() == {attack.name for attack in row_filters.ATTACKS} - {
        "read all rows without a tenant",
        "enter their scope from ours",
    }


def test_view_of_another_tenant_is_found(db, monkeypatch):
    monkeypatch.setattr("apps.api.views.memory.tenant_id_of", lambda request: canaries()[1].id)

    wrong = failed(prove())

    assert wrong.keys() == {"API"}
    assert {name: detail.split(":")[0] for name, detail in wrong["API"].items()} == {
        "GET their memory": "got through",
        "GET the history of their memory": "got through",
        "PUT a new text into their memory": "got through; audit_auditevent",
        "DELETE their memory": "got through; audit_auditevent",
    }


def test_domain_function_that_opens_the_wrong_scope_is_found(db, monkeypatch):
    from apps.operations.proof import domain_calls

    def delete(*, tenant_id, memory_id, by):
        from apps.memories.domain.deletion import delete_memory

        delete_memory(tenant_id=canaries()[1].id, memory_id=memory_id, by=by)

    monkeypatch.setattr(domain_calls, "delete_memory", delete)

    wrong = failed(prove())

    assert wrong.keys() == {"domain functions"}
    assert wrong["domain functions"]["delete their memory"].startswith("got through; ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("create_api_key", "--name", "app"),
        ("create_operator", "--email", "new@example.org", "--role", "viewer"),
    ],
)
def test_canaries_are_no_tenants_for_scripts(db, arguments):
    prove()

    for slug in ("_canary-a", "_canary-b"):
        assert run(*arguments, "--tenant", slug) == (1, "", f"No tenant has the slug {slug}.")


def test_tenants_can_not_take_the_slug_of_a_canary(db):
    assert run("create_tenant", "Canary", "--slug", "_canary-a").code == 1
    assert prove().is_ok
