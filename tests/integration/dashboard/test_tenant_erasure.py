"""An owner leaves: a copy of everything, the slug typed back, progress, the certificate."""

import io
import json
import zipfile

import pytest

from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory
from apps.privacy.domain import due_list, tenant_erasure
from apps.privacy.domain.tenant_erasure import run_tenant_erasure
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.enums import Role
from tests.support.kernel import SYSTEM

PAGE = "/dashboard/leaving/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch, settings, tmp_path):
    """Tests are the worker; in their one transaction nothing can be vacuumed."""
    settings.EXPORTS_DIR = tmp_path / "exports"
    monkeypatch.setattr(due_list, "send", lambda *_, **__: True)
    monkeypatch.setattr(tenant_erasure, "vacuum_table", lambda *_, **__: None)


def test_owner_leaves(browser, sign_in, make_operator, client, store, tenant):
    store.add("Ada drinks tea", "Ada swims")
    _, key = create_api_key(tenant=tenant, name="App", by=SYSTEM)
    editor = make_operator(email="ed@halden.example", role=Role.EDITOR)
    assert sign_in(editor).get(PAGE).status_code == 403
    copy = zipfile.ZipFile(io.BytesIO(b"".join(browser.get(f"{PAGE}copy/").streaming_content)))
    assert len(copy.read("data/memories.Memory.jsonl").splitlines()) == 2
    assert browser.get(f"{PAGE}certificate/").status_code == 404

    wrong = browser.post(PAGE, {"typed": "other"})
    assert f"Type {tenant.slug} to erase the tenant" in wrong.content.decode()
    with tenant_scope(tenant.id):
        assert Memory.objects.count() == 2

    running = browser.post(PAGE, {"typed": tenant.slug}, follow=True)
    assert b"every 2s" in running.content
    headers = {"Authorization": f"Token {key}"}
    assert client.get("/v1/memories/?user_id=ada", headers=headers).status_code == 401
    assert browser.get("/dashboard/entities/").url == PAGE
    assert b"You are in no tenant" in sign_in(editor).get("/dashboard/").content

    assert not run_tenant_erasure(tenant_id=tenant.id, by=SYSTEM)
    done = browser.get(PAGE)
    assert b"every 2s" not in done.content
    assert b"Certificate of erasure" in done.content
    assert b"Ada" not in done.content
    document = json.loads(browser.get(f"{PAGE}certificate/").content)
    assert document["subject"] == {"kind": "tenant", "id": tenant.slug}
    assert browser.get(f"{PAGE}copy/").url == PAGE
    assert browser.get("/dashboard/account/").status_code == 200


def test_asks_for_a_recent_sign_in(sign_in, make_operator, tenant):
    stale = sign_in(make_operator(), is_recent=False)

    answers = [stale.get(PAGE), stale.get(f"{PAGE}copy/"), stale.post(PAGE, {"typed": tenant.slug})]

    assert {answer.url.partition("?")[0] for answer in answers} == {"/accounts/reauthenticate/"}
    tenant.refresh_from_db()
    assert tenant.closed_at is None
