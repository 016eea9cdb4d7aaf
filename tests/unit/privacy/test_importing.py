"""Export, import elsewhere, export again: equal."""

import io
import json
import zipfile
from datetime import date

import pytest

from apps.common.errors import Forbidden, Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.entities import describe_entity
from apps.memories.domain.feedback import give_feedback
from apps.memories.domain.flags import block_id
from apps.memories.domain.jobs import retry_job
from apps.memories.domain.memories import update_memory
from apps.memories.enums import EntityKind, FeedbackVerdict
from apps.memories.matching import list_marks
from apps.memories.models import Job, Memory
from apps.privacy.domain import importing
from apps.privacy.domain.importing import import_copy
from tests.support.jobs import accept, current, extractor, finish, infer
from tests.support.kernel import SYSTEM, add, find
from tests.unit.privacy.test_copies import folder, make_copy, read_copy

__all__ = ["folder"]


@pytest.fixture
def package(tenant):
    [first] = add(
        tenant,
        ("Nadja", "Ada drinks tea"),
        metadata={"cup": "blue"},
        expires_on=date(2030, 1, 1),
        user="ada",
        agent="bot",
        run="r1",
    )
    add(tenant, "Ada sleeps", user="ada", is_immutable=True)
    add(tenant, "Bob drinks tea", user="bob")
    update_memory(tenant_id=tenant.id, memory_id=first, text="Ada drinks coffee", by=SYSTEM)
    return read_copy(tenant, make_copy(tenant, "portability"))


def bring(tenant, package):
    package.fp.seek(0)
    return import_copy(tenant_id=tenant.id, file=package.fp, by=SYSTEM)


def count_lines(package):
    names = ("Job", "Message", "Memory", "Source", "Feedback")
    files = {name: package.read(f"data/memories.{name}.jsonl") for name in names}
    return {name: len(lines.splitlines()) for name, lines in files.items()}


def contents(package):
    return {name: package.read(name) for name in package.namelist() if name != "manifest.json"}


@pytest.mark.parametrize("batch", [1, 200])
def test_imported_copy_exports_equal(package, other_tenant, monkeypatch, batch):
    monkeypatch.setattr(importing, "BATCH", batch)

    assert bring(other_tenant, package) == 2

    again = read_copy(other_tenant, make_copy(other_tenant, "portability"))
    assert contents(again) == contents(package)
    assert find(other_tenant, "coffee") == ["Ada drinks coffee", "Ada sleeps"]


def test_second_import_adds_nothing(package, tenant, other_tenant):
    bring(other_tenant, package)

    assert bring(other_tenant, package) == 0
    assert bring(tenant, package) == 0
    with tenant_scope(other_tenant.id):
        assert Memory.objects.count() == 2


def test_blocked_id_is_not_imported(package, other_tenant):
    with tenant_scope(other_tenant.id):
        block_id(kind=EntityKind.USER, external_id="ada")

    with pytest.raises(Forbidden):
        bring(other_tenant, package)


def repack(package, **changes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for name in package.namelist():
            content = changes.get(name, package.read(name))
            if content is not None:
                changed.writestr(name, content)
    return zipfile.ZipFile(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize("name", ["data/memories.Memory.jsonl", "manifest.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_changed_copy_is_refused_before_anything_is_written(package, other_tenant, name, content):
    with pytest.raises(Invalid):
        bring(other_tenant, repack(package, **{name: content}))

    with tenant_scope(other_tenant.id):
        assert Memory.objects.count() == 0


def test_format_of_somebody_else_is_refused(package, other_tenant):
    manifest = json.loads(package.read("manifest.json")) | {"format": "other"}

    with pytest.raises(Invalid, match="format"):
        bring(other_tenant, repack(package, **{"manifest.json": json.dumps(manifest)}))


def test_what_is_no_zip_is_refused(other_tenant):
    with pytest.raises(Invalid):
        import_copy(tenant_id=other_tenant.id, file=io.BytesIO(b"no zip"), by=SYSTEM)


@pytest.mark.parametrize("batch", [1, 200])
def test_jobs_messages_and_what_was_superseded_come_along(
    tenant, other_tenant, settings, monkeypatch, batch
):
    monkeypatch.setattr(importing, "BATCH", batch)
    with extractor(settings):
        first = infer(tenant, ("Ada", "I live in Rome."), metadata={"cup": "blue"}, user="ada")
        for run, town in enumerate(("Oslo", "Bonn")):
            infer(tenant, f"I live in {town}.", "I drink tea.", user="ada", run=f"r{run}")
        waiting = accept(tenant, "I swim.", user="ada")
        infer(tenant, "I live in Kyiv.", user="bob")
    with tenant_scope(tenant.id):
        [home] = (row for row in Memory.objects.current() if "Bonn" in (row.text or ""))
    describe_entity(
        tenant_id=tenant.id, kind=EntityKind.USER, external_id="ada", about={"name": "A"}, by=SYSTEM
    )
    give_feedback(
        tenant_id=tenant.id,
        memory_id=home.id,
        verdict=FeedbackVerdict.POSITIVE,
        reason="true",
        by=SYSTEM,
    )
    package = read_copy(tenant, make_copy(tenant, "portability"))

    assert bring(other_tenant, package) == 4

    again = read_copy(other_tenant, make_copy(other_tenant, "portability"))
    assert contents(again) == contents(package)
    assert count_lines(package) == {"Job": 4, "Message": 5, "Memory": 4, "Source": 4, "Feedback": 1}
    assert sorted(current(other_tenant)) == ["I drink tea.", "I live in Bonn."]
    with tenant_scope(other_tenant.id):
        states = dict(Job.objects.values_list("id", "state"))
        assert states.pop(waiting) == "FAILED"
        assert (set(states.values()), first.id in states) == ({"SUCCEEDED"}, True)
        assert Memory.objects.get(id=home.id).marks == list_marks(Memory.objects.get(id=home.id))
    assert bring(other_tenant, package) == 0
    assert contents(read_copy(other_tenant, make_copy(other_tenant, "portability"))) == contents(
        package
    )
    with extractor(settings):
        finish(tenant, waiting)
        retry_job(tenant_id=other_tenant.id, job_id=waiting, by=SYSTEM)
        finish(other_tenant, waiting)
    assert "I swim." in current(other_tenant)


def test_what_was_replaced_by_something_that_is_not_in_the_copy_does_not_come_back(
    tenant, other_tenant, settings
):
    with extractor(settings):
        for run, town in enumerate(("Rome", "Oslo")):
            infer(tenant, f"I live in {town}.", user="ada", run=f"r{run}")
    package = read_copy(tenant, make_copy(tenant, "portability", "r0", subject="run"))

    assert bring(other_tenant, package) == 1

    assert current(other_tenant) == []
    with tenant_scope(other_tenant.id):
        assert [row.text for row in Memory.objects.all()] == [None]
