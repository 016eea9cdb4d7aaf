import json
import stat

from apps.audit.models import AuditEvent, AuditSeal
from apps.isolation.scope import tenant_scope
from tests.integration.commands.run import run
from tests.support.trails import Trail


def read(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_export_holds_the_trail_in_its_order(tenant, tmp_path):
    Trail.of(tenant).fill()
    out = tmp_path / "trail.jsonl"

    code, text, _ = run("audit_export", "--tenant", "harbour", "--out", str(out))

    lines = read(out)
    events = [line["event"] for line in lines if "event" in line]
    numbers = [line["checkpoint"]["number"] for line in lines if "checkpoint" in line]
    assert (code, text) == (0, f"13 events and 4 checkpoints: {out}\n")
    assert [event["sequence"] for event in events] == list(range(1, 14))
    assert numbers == [1, 2, 3, 4]
    assert lines[-1]["export"].items() >= {"events": 13, "checkpoints": 4}.items()
    assert [next(iter(line)) for line in lines[:5]] == ["event"] * 4 + ["checkpoint"]
    with tenant_scope(tenant.id):
        assert {event["id"] for event in events} == {
            str(seal.id) for seal in AuditSeal.objects.all()
        }


def test_export_is_an_event_and_in_itself(tenant, tmp_path):
    out = tmp_path / "trail.jsonl"

    run("audit_export", "--tenant", "harbour", "--out", str(out))

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="audit.export")
    assert read(out)[-3]["event"]["id"] == str(event.id)


def test_export_is_readable_by_its_owner_only_and_whole(tenant, tmp_path):
    out = tmp_path / "trail.jsonl"
    out.write_text("what was there before")

    run("audit_export", "--tenant", "harbour", "--out", str(out))

    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["trail.jsonl"]
    assert len(read(out)) == 4


def test_export_holds_no_details(tenant, tmp_path):
    trail, out = Trail.of(tenant), tmp_path / "trail.jsonl"
    [event] = trail.write(details={"ip": "203.0.113.77"})

    run("audit_export", "--tenant", "harbour", "--out", str(out))

    assert "203.0.113.77" not in out.read_text()
    assert bytes(event.details_digest).hex() in out.read_text()


def test_export_of_the_instance(db, tmp_path):
    assert run("audit_export", "--tenant", "instance", "--out", str(tmp_path / "x")).code == 0


def test_file_that_can_not_be_written(tenant, tmp_path):
    path = tmp_path / "missing" / "trail.jsonl"

    assert run("audit_export", "--tenant", "harbour", "--out", str(path)) == (
        1,
        "",
        f"{path} can't be written: No such file or directory.",
    )


def test_unknown_tenant(db, tmp_path):
    path = tmp_path / "trail.jsonl"

    assert run("audit_export", "--tenant", "nobody", "--out", str(path)).code == 1
    assert not path.exists()


def test_json(tenant, tmp_path):
    out = tmp_path / "trail.jsonl"

    code, text, _ = run("audit_export", "--tenant", "harbour", "--out", str(out), "--json")

    assert json.loads(text) == {"events": 2, "checkpoints": 1, "file": str(out)}
