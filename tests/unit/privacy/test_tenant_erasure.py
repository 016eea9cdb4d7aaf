"""A whole tenant: closed at once, erased in chunks, and a certificate that anybody can check."""

import io
import json
import runpy
import zipfile

import pytest

from apps.audit.domain.signing import list_signers
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.errors import Conflict
from apps.isolation.scope import tenant_scope
from apps.keys.models import TenantKey
from apps.memories.domain.deliveries import deliver
from apps.memories.domain.flags import set_flag
from apps.memories.enums import EntityFlag
from apps.memories.models import BlockedId, Delivery, Entity, JobDue, Memory
from apps.operations.domain.canaries import name_user, plant_canary
from apps.operations.management.commands.public_key import describe
from apps.privacy.domain import tenant_erasure
from apps.privacy.domain.importing import import_copy
from apps.privacy.domain.orders import erase_tenant_again, erase_tenant_now
from apps.privacy.domain.scrubbing import scrub
from apps.privacy.domain.tenant_copies import make_tenant_copy
from apps.privacy.domain.tenant_erasure import (
    find_erased_tenant,
    list_emptied,
    order_tenant_erasure,
    read_certificate,
    run_tenant_erasure,
)
from apps.privacy.domain.work import run_request
from apps.privacy.models import PrivacyDue
from apps.tenants.domain.api_keys import authenticate_key, create_api_key
from apps.tenants.domain.tenant_keys import check_master_key
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.models import ApiKey, Tenant
from memoryhub.embedded.layout import PROJECT
from tests.support.jobs import accept, extractor, work
from tests.support.kernel import SYSTEM, add, find
from tests.support.trails import Trail
from tests.unit.privacy.subjects import KEY, ask

TOOL = runpy.run_path(str(PROJECT / "tools" / "verify.py"))


@pytest.fixture
def tenant(committed_tenant, settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"
    return committed_tenant


@pytest.fixture
def other(tenant):
    return create_tenant(name="Other Clinic", slug="other", by=SYSTEM)


def count_rows(tenant):
    with tenant_scope(tenant.id):
        return {model._meta.label: model.objects.count() for model in list_emptied()}


def order(tenant, **fields):
    order_tenant_erasure(tenant=tenant, by=SYSTEM, **fields)


def check_certificate(document, tmp_path):
    """As tools/verify.py does; what is bad is raised."""
    keys = tmp_path / "keys.pem"
    keys.write_text("".join(describe(signer)["pem"] for signer in list_signers()))
    file = io.BytesIO(json.dumps(document).encode())
    return TOOL["check_certificate"](file, TOOL["read_keys"](keys), None)


def take_copy(tenant):
    copy, size = make_tenant_copy(tenant=tenant, by=SYSTEM)
    return io.BytesIO(io.BufferedReader(copy).read()), size


def test_everything_goes_but_the_proof_of_the_trail(tenant, other, tmp_path, monkeypatch):
    plant_canary(tenant=tenant, by=SYSTEM)
    accept(tenant, "I swim.", user="cleo")
    add(other, "Bob drinks tea", user="bob")
    _, key = create_api_key(tenant=tenant, name="app", by=SYSTEM)
    folder = tmp_path / "exports" / str(tenant.id)
    folder.mkdir(parents=True)
    assert [label for label, count in count_rows(tenant).items() if not count] == []
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.count()

    order(tenant)

    assert authenticate_key(key) is None
    _, late = create_api_key(tenant=tenant, name="in flight", by=SYSTEM)
    assert authenticate_key(late) is None
    with pytest.raises(Conflict):
        order(tenant)
    monkeypatch.setattr(tenant_erasure, "CHUNK", 1)
    chunks = 0  # each as a worker of its own, as if the one before had been killed
    while run_tenant_erasure(tenant_id=tenant.id, goes_on=lambda: False, by=SYSTEM):
        chunks += 1
    assert chunks > len(list_emptied())
    assert {label: count for label, count in count_rows(tenant).items() if count} == {}
    with tenant_scope(tenant.id):
        assert not AuditDetail.objects.exists()
        assert AuditEvent.objects.count() > events
    assert not folder.exists()
    assert not ApiKey.objects.filter(tenant=tenant).exists()
    assert not JobDue.objects.filter(tenant_id=tenant.id).exists()
    assert [due.work for due in PrivacyDue.objects.filter(tenant_id=tenant.id)] == ["scrub"]
    trail = Trail.of(tenant)
    trail.seal()
    assert trail.verify().problems == []
    erased = find_erased_tenant("committed")
    [said] = check_certificate(read_certificate(erased), tmp_path)
    assert said.startswith("OK erasure of tenant committed, ")
    assert said.endswith(f" rows destroyed, 0 left, tenant {tenant.id}\n")

    assert scrub(by=SYSTEM).certificates == 1
    renewed = read_certificate(find_erased_tenant("committed"))
    assert renewed["number"] == 2
    assert renewed["horizons"]["overwritten"]
    check_certificate(renewed, tmp_path)
    with pytest.raises(TOOL["Bad"]):
        check_certificate(renewed | {"keys_destroyed": 0}, tmp_path)
    assert find(other, "tea", {"user_id": "bob"}) == ["Bob drinks tea"]
    check_master_key()
    assert create_tenant(name="Anew", slug="committed", by=SYSTEM).slug == "committed"


def test_whoever_writes_meanwhile_is_found(tenant):
    """A transaction that had the keys commits after the rows were deleted."""
    add(tenant, "Ada drinks tea", user="ada")
    order(tenant)
    while Tenant.objects.get(id=tenant.id).closing["step"] != "search":
        run_tenant_erasure(tenant_id=tenant.id, goes_on=lambda: False, by=SYSTEM)
    with tenant_scope(tenant.id):
        BlockedId.objects.create(kind="user", token=b"late")

    erased = erase_tenant_now(tenant_id=tenant.id, by=SYSTEM)

    assert sum(count_rows(tenant).values()) == 0
    rows = {row["table"]: row["deleted_only"] for row in read_certificate(erased)["tables"]}
    assert (rows["memories.Vector"], rows["memories.BlockedId"]) == (1, 1)


def test_every_table_is_vacuumed_though_an_upgrade_changes_their_order(tenant, monkeypatch):
    tables, vacuumed = tenant_erasure.list_written(), []
    monkeypatch.setattr(tenant_erasure, "vacuum_table", lambda table, **_: vacuumed.append(table))
    add(tenant, "Ada drinks tea", user="ada")
    order(tenant)

    while len(vacuumed) < 3:
        run_tenant_erasure(tenant_id=tenant.id, goes_on=lambda: False, by=SYSTEM)
    monkeypatch.setattr(tenant_erasure, "list_written", lambda: ["new_table", *reversed(tables)])
    erase_tenant_now(tenant_id=tenant.id, by=SYSTEM)

    assert sorted(vacuumed) == sorted([*tables, "new_table"])


def test_workers_at_it_meanwhile_end_quietly_and_leave_nothing(tenant, settings):
    """Between any two chunks a job is taken up, requests, a webhook's delivery."""
    canary = plant_canary(tenant=tenant, by=SYSTEM)
    request = ask(tenant, "access", "bob")
    copied = ask(tenant, "portability", name_user(tenant), via="api", by=KEY)
    delivery = canary.rows[Delivery]
    with extractor(settings):
        job = accept(tenant, "I swim.", "I drink tea.", user="cleo")
        order(tenant)
        while run_tenant_erasure(tenant_id=tenant.id, goes_on=lambda: False, by=SYSTEM):
            work(tenant, job)
            for one in (request, copied):
                run_request(
                    tenant_id=tenant.id, request_id=one.id, goes_on=lambda: False, by=SYSTEM
                )
            deliver(tenant_id=tenant.id, delivery_id=delivery.id)

    assert {label: count for label, count in count_rows(tenant).items() if count} == {}
    assert not (settings.EXPORTS_DIR / str(tenant.id)).exists()
    document = read_certificate(find_erased_tenant("committed"))
    assert {query["left"] for query in document["queries"]} == {0}


def test_a_legal_hold_stops_it_but_not_after_a_restore(tenant):
    add(tenant, "Ada drinks tea", user="ada")
    with tenant_scope(tenant.id):
        set_flag(entity_id=Entity.objects.get().id, flag=EntityFlag.HELD, by=SYSTEM)

    with pytest.raises(Conflict, match="legal hold"):
        order(tenant)
    with tenant_scope(tenant.id):
        assert Memory.objects.count() == 1
        assert TenantKey.objects.exists()

    erase_tenant_again(tenant_id=tenant.id, by=SYSTEM)
    assert sum(count_rows(tenant).values()) == 0


def test_copy_of_everything_can_be_imported(tenant, other, tmp_path):
    texts = ["Ada asked the bot", "Bob asked the bot", "Cleo drinks tea"]
    add(tenant, texts[0], user="ada", agent="bot")
    add(tenant, texts[1], user="bob", agent="bot")
    add(tenant, texts[2], user="cleo")
    accept(tenant, "I swim.", user="cleo")

    raw, size = take_copy(tenant)
    assert len(raw.getvalue()) == size
    assert list((tmp_path / "exports" / str(tenant.id)).iterdir()) == []

    assert import_copy(tenant_id=other.id, file=raw, by=SYSTEM) == 3
    with tenant_scope(other.id):
        assert sorted(memory.text for memory in Memory.objects.live()) == texts
        assert Entity.objects.count() == 4
    first, again = zipfile.ZipFile(raw), zipfile.ZipFile(take_copy(other)[0])
    assert {name: again.read(name) for name in again.namelist() if name != "manifest.json"} == {
        name: first.read(name) for name in first.namelist() if name != "manifest.json"
    }
