"""Export, import elsewhere, export again: equal."""

import io
import json
import zipfile
from datetime import date

import pytest

from apps.common.errors import Forbidden, Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import block_id
from apps.memories.domain.memories import update_memory
from apps.memories.enums import EntityKind
from apps.memories.models import Memory
from apps.privacy.domain import importing
from apps.privacy.domain.importing import import_copy
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
