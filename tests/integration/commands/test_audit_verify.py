import json

import pytest

from apps.audit.canonical import hash_checkpoint
from apps.audit.models import AuditCheckpoint, AuditDue
from apps.isolation.scope import tenant_scope
from apps.tenants.models import Tenant
from tests.integration.commands.run import run, run_process
from tests.support.trails import Trail


@pytest.fixture
def trail(tenant):
    return Trail.of(tenant).fill()


@pytest.fixture
def broken(trail):
    """With an event that has no place."""
    trail.write()
    AuditDue.objects.filter(tenant_id=trail.tenant.id).delete()
    return trail


def verify(*arguments):
    code, out, _ = run("audit_verify", "--json", *arguments)
    return code, json.loads(out)


def test_sound_trail(trail):
    trail.write(2)

    code, out, err = run("audit_verify", "--tenant", "harbour")

    assert (code, out, err) == (0, "OK: 12 sealed events of 1 tenants, 2 not sealed yet\n", "")
    assert verify("--tenant", "harbour") == (
        0,
        {"ok": True, "events": 12, "unsealed": 2, "problems": []},
    )


def test_problem_is_named_and_exit_code_is_1(broken):
    code, out, err = run("audit_verify", "--tenant", "harbour")

    assert (code, out) == (1, "harbour: event without a place: inserted\n")
    assert err == "1 problems: 12 sealed events of 1 tenants, 0 not sealed yet."
    problems = [{"tenant": "harbour", "sequence": None, "kind": "inserted"}]
    assert verify("--tenant", "harbour") == (
        1,
        {"ok": False, "events": 12, "unsealed": 0, "problems": problems},
    )


def test_without_a_tenant_all_are_verified(broken, other_tenant):
    Trail.of(other_tenant).fill()

    code, document = verify()

    assert code == 1
    assert document["events"] == 24
    assert [one["tenant"] for one in document["problems"]] == ["harbour"]


def test_instance_has_a_trail_too(db):
    code, document = verify("--tenant", "instance")

    assert (code, document["ok"]) == (0, True)
    assert document["unsealed"] >= 1


def test_from_a_sequence_on(trail):
    assert verify("--tenant", "harbour", "--from", "6")[1]["events"] == 8


@pytest.mark.parametrize("sequence", ["0", "-1", "x"])
def test_wrong_sequence_is_refused(db, sequence):
    assert run("audit_verify", "--from", sequence).code == 1


def test_unknown_tenant(db):
    assert run("audit_verify", "--tenant", "nobody") == (1, "", "No tenant has the slug nobody.")


def write_anchor(path, tenant_id, number, hash_):
    checkpoint = {"tenant_id": str(tenant_id), "number": number}
    path.write_text(json.dumps({"checkpoint": checkpoint, "hash": hash_}) + "\n")


def test_anchors_are_compared(trail, tmp_path, settings):
    with tenant_scope(trail.tenant.id):
        last = AuditCheckpoint.objects.get(number=3)
    good, bad, later = (tmp_path / name for name in ("good", "bad", "later"))
    write_anchor(good, trail.tenant.id, 3, hash_checkpoint(last).hex())
    write_anchor(bad, trail.tenant.id, 3, "00" * 32)
    write_anchor(later, trail.tenant.id, 4, "00" * 32)

    assert verify("--tenant", "harbour", "--anchors", str(good))[0] == 0
    _, document = verify("--tenant", "harbour", "--anchors", str(bad))
    assert [(one["sequence"], one["kind"]) for one in document["problems"]] == [(9, "forged")]
    settings.AUDIT_ANCHOR_FILE = str(later)
    _, document = verify("--tenant", "harbour")
    assert [(one["sequence"], one["kind"]) for one in document["problems"]] == [(13, "truncated")]


def test_anchor_file_that_is_no_such_file(trail, tmp_path, settings):
    missing, wrong = tmp_path / "missing", tmp_path / "wrong"
    wrong.write_text("{}\n")

    code, _, err = run("audit_verify", "--anchors", str(missing))
    assert (code, err) == (
        1,
        f"The anchor file {missing} can't be read: No such file or directory.",
    )
    code, _, err = run("audit_verify", "--anchors", str(wrong))
    assert (code, err) == (1, "Line 1 of the anchors is no checkpoint.")
    settings.AUDIT_ANCHOR_FILE = str(missing)  # before the first anchor
    assert run("audit_verify", "--tenant", "harbour").code == 0


def test_it_runs_in_a_process_of_its_own(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        assert Tenant.objects.exists()

    assert run_process("audit_verify", "--tenant", "instance", "--json").out.startswith('{"ok": ')
    assert run_process("audit_verify", "--wrong").code == 2
