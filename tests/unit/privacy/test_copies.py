"""What a copy holds, that it is sealed on disk, and when it goes."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from time_machine import travel

from apps.audit.models import AuditEvent
from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.flags import set_flag
from apps.memories.domain.memories import update_memory
from apps.memories.enums import EntityFlag
from apps.memories.queries.entities import find_entities
from apps.privacy import records
from apps.privacy.domain.copies import expire_copies, open_copy
from apps.privacy.domain.particulars import Said
from apps.privacy.models import PrivacyDue, SubjectCopy
from tests.support.kernel import SYSTEM, add
from tests.unit.privacy.subjects import KEY, OPERATOR, ask, handle, read, run


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"
    return settings.EXPORTS_DIR


@pytest.fixture
def held(tenant):
    [first] = add(tenant, ("Ada", "Ada drinks tea"), metadata={"cup": "blue"}, run="r1", user="ada")
    [second] = add(tenant, "Ada asked the bot", user="ada", agent="bot")
    [gone] = add(tenant, "Ada is forgotten", user="ada")
    add(tenant, "Bob drinks zqbob", user="bob", agent="bot")
    update_memory(tenant_id=tenant.id, memory_id=first, text="Ada drinks coffee", by=SYSTEM)
    delete_memory(tenant_id=tenant.id, memory_id=gone, by=SYSTEM)
    return {"first": str(first), "second": str(second), "gone": str(gone)}


def make_copy(tenant, kind="access", name="ada", **fields):
    request = run(tenant, ask(tenant, kind, name, via="api", by=KEY, **fields))
    assert request.state == "done", request.failure
    return request


def read_copy(tenant, request):
    file, size = open_copy(tenant_id=tenant.id, request_id=request.id, by=OPERATOR)
    raw = io.BufferedReader(file).read()
    assert len(raw) == size
    return zipfile.ZipFile(io.BytesIO(raw))


def lines(package, label):
    return [json.loads(line) for line in package.read(f"data/{label}.jsonl").splitlines()]


def test_access_holds_everything_about_the_person_and_nobody_else(tenant, held):
    handle(tenant, said=Said(controller="Harbour Clinic Ltd", authority="The authority"))

    package = read_copy(tenant, make_copy(tenant))

    document = json.loads(package.read("copy.json"))
    tables = document["tables"]
    assert document["subject"] == {"kind": "user", "id": "ada"}
    assert document["particulars"]["controller"] == "Harbour Clinic Ltd"
    assert {row["id"]: row["text"] for row in tables["memories.Memory"]} == {
        held["first"]: "Ada drinks coffee",
        held["second"]: "Ada asked the bot",
        held["gone"]: None,
    }
    assert [
        (row["number"], row["event"], row["text"])
        for row in tables["memories.Version"]
        if row["memory"] == held["first"]
    ] == [(1, "ADD", "Ada drinks tea"), (2, "UPDATE", "Ada drinks coffee")]
    assert [row["external_id"] for row in tables["memories.Entity"]] == ["ada"]
    assert {row["action"] for row in tables["audit.AuditEvent"]} >= {"entity.create", "memory.add"}
    assert "memories.Vector.embedding" in document["described_only"]
    everything = b"".join(package.read(name) for name in package.namelist())
    assert b"zqbob" not in everything


def test_access_can_be_read_by_a_person(tenant, held):
    package = read_copy(tenant, make_copy(tenant))

    index = package.read("index.html").decode()
    page = package.read("pages/memories.Memory-001.html").decode()
    assert "Copy of the data kept about ada" in index
    assert 'href="pages/memories.Memory-001.html"' in index
    assert "Ada drinks coffee" in page
    assert package.testzip() is None


def test_what_somebody_wrote_is_text_in_the_pages(tenant):
    add(tenant, "<script>alert(1)</script>", user="ada")

    package = read_copy(tenant, make_copy(tenant))

    assert b"<script>" not in package.read("pages/memories.Memory-001.html")


def test_portability_holds_what_was_provided_with_schema_and_hashes(tenant, held):
    package = read_copy(tenant, make_copy(tenant, "portability"))

    manifest = json.loads(package.read("manifest.json"))
    assert manifest["subject"] == {"kind": "user", "id": "ada"}
    assert {name for name in manifest["files"] if name.startswith("data/")} == {
        "data/memories.Entity.jsonl",
        "data/memories.Feedback.jsonl",
        "data/memories.Job.jsonl",
        "data/memories.Memory.jsonl",
        "data/memories.Message.jsonl",
        "data/memories.Source.jsonl",
        "data/memories.Version.jsonl",
    }
    for name, described in manifest["files"].items():
        assert hashlib.sha256(package.read(name)).hexdigest() == described["sha256"]
    rows = lines(package, "memories.Memory")
    assert [(row["text"], row["user"], row["agent"], row["run"]) for row in rows] == [
        ("Ada drinks coffee", "ada", None, "r1"),
        ("Ada asked the bot", "ada", "bot", None),
    ]
    assert rows[0]["metadata"] == {"cup": "blue"}
    schema = json.loads(package.read("schema/memories.Memory.json"))
    assert set(schema["required"]) == set(rows[0])
    assert schema["properties"]["deleted_at"]["type"] == ["string", "null"]


def test_chunks_make_the_same_copy(tenant, held, monkeypatch):
    whole = read_copy(tenant, make_copy(tenant, "portability"))
    monkeypatch.setattr(records, "CHUNK", 1)

    cut = read_copy(tenant, make_copy(tenant, "portability"))

    assert cut.namelist() == whole.namelist()
    for name in ("memories.Memory", "memories.Version", "memories.Entity"):
        assert lines(cut, name) == lines(whole, name)


def test_nothing_is_readable_on_disk(tenant, held, folder):
    add(tenant, "zqsentinel", user="ada")
    make_copy(tenant)

    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["copy.zip.sealed"]
    assert not any(word in files[0].read_bytes() for word in (b"zqsentinel", b"PK\x03\x04"))
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_file_that_was_cut_or_changed_is_refused(tenant, held, folder):
    request = make_copy(tenant)
    [path] = [path for path in Path(folder).rglob("*") if path.is_file()]
    whole = path.read_bytes()

    for raw in (whole[:-1], whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], b""):
        path.write_bytes(raw)
        with pytest.raises(Exception, match=r"sealed|empty"):
            read_copy(tenant, request)


def test_copy_of_somebody_unknown_says_so(tenant):
    package = read_copy(tenant, make_copy(tenant, name="nobody"))

    document = json.loads(package.read("copy.json"))
    assert document["subject"]["id"] == "nobody"
    assert set(map(len, document["tables"].values())) == {0}


def test_restricted_person_gets_a_copy_all_the_same(tenant, held):
    with tenant_scope(tenant.id):
        [ada] = find_entities([("user", "ada")]).values()
        set_flag(entity_id=ada.id, flag=EntityFlag.RESTRICTED, by=SYSTEM)

    assert len(lines(read_copy(tenant, make_copy(tenant, "portability")), "memories.Memory")) == 2


def test_download_is_an_event(tenant, held):
    request = make_copy(tenant)
    read_copy(tenant, request)

    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action__startswith="copy.").order_by("id")
        assert [(event.action, event.target_id) for event in events] == [
            ("copy.write", request.id),
            ("copy.download", request.id),
        ]


def test_copy_goes_when_its_time_is_over(tenant, held, folder):
    request = make_copy(tenant)
    late = timezone.now() + timedelta(days=15)

    assert expire_copies(by=SYSTEM) == 0
    with travel(late):
        with pytest.raises(NotFound):
            read_copy(tenant, request)
        assert expire_copies(by=SYSTEM) == 1

    assert [path for path in Path(folder).rglob("*") if path.is_file()] == []
    with tenant_scope(tenant.id):
        assert SubjectCopy.objects.count() == 0
    assert PrivacyDue.objects.count() == 0


def test_copy_of_another_tenant_is_not_found(tenant, other_tenant, held):
    request = make_copy(tenant)

    with pytest.raises(NotFound):
        read_copy(other_tenant, request)


def test_copy_that_is_not_written_yet_is_not_found(tenant, held):
    request = ask(tenant, "access")

    with pytest.raises(NotFound):
        read_copy(tenant, request)
    assert read(tenant, request).state == "received"
