"""An operator reads memories, finds that in the audit trail, and has the trail verified."""

import subprocess
import sys
import uuid
from types import SimpleNamespace

import pytest
from django.conf import settings

from apps.audit.domain.sealing import seal_tenant
from apps.audit.domain.signing import read_signer
from apps.audit.models import AuditCheck
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.operations.domain.audit_trails import run_check
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.operators import create_operator
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.enums import Role
from tests.e2e.conftest import PASSWORD, send
from tests.integration.commands.run import run
from tests.support.committed import committing

pytestmark = pytest.mark.needs("Chromium")

NAME = "ines"
PEEK = "#peek"


@pytest.fixture
def tenant(server):
    """One whose trail only this test writes to, with memories of a user."""
    with committing(server.blocker):
        tenant = create_tenant(name="Harbour", slug=f"harbour-{uuid.uuid4().hex[:8]}", by=SYSTEM)
        key = create_api_key(tenant=tenant, name="Booking app", by=SYSTEM)[1]
        texts = ["Plays the xylophone in a small orchestra.", "Has a dog called Biscuit."]
        body = {"messages": [{"role": "user", "content": text} for text in texts]}
        application = SimpleNamespace(url=server.url, key=key)
        send(application, "/v3/memories/add/", body | {"user_id": "maria", "infer": False})
        yield tenant


@pytest.fixture
def email(tenant):
    email = f"{NAME}@{uuid.uuid4().hex[:8]}.example"
    create_operator(
        email=email,
        password=PASSWORD,
        tenant=tenant,
        role=Role.PRIVACY_OFFICER,
        by=SYSTEM,
    )
    return email


def seal(tenant):
    seal_tenant(tenant_id=tenant.id, signer=read_signer(by=SYSTEM), by=SYSTEM)


def open_memories(page):
    page.goto("/dashboard/entities/user/")
    page.get_by_role("link", name="maria").click()
    page.get_by_role("heading", name="maria").wait_for()
    page.get_by_role("button", name="Reveal th").click()
    page.get_by_role("link", name="Hide now").wait_for()


def happened(page):
    return [" ".join(text.split()) for text in page.locator("#results .happened").all_inner_texts()]


def test_what_was_read_stands_in_the_trail(watched, sign_in, tenant):
    page = watched.page
    sign_in(page)
    open_memories(page)
    seal(tenant)

    page.keyboard.press("g")
    page.keyboard.press("a")
    page.get_by_role("heading", name="Audit trail").wait_for()
    newest = happened(page)[0]
    page.get_by_label("Action").select_option("memory.add")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Clear").wait_for()

    [added] = happened(page)
    assert newest.startswith(f"{NAME} read 2 memories of …")
    assert added.startswith("Booking app added 2 memories of …")
    assert page.url.endswith("action=memory.add&target=&outcome=&since=&until=")
    page.get_by_role("link", name="Clear").click()
    page.get_by_text("made this tenant").wait_for()
    assert happened(page)[0] == newest
    assert page.get_by_text("sealed", exact=True).count() == len(happened(page))
    assert watched.complaints == []


def test_event_opens_beside_the_list_with_its_proof(watched, sign_in, tenant):
    page = watched.page
    sign_in(page)
    open_memories(page)
    seal(tenant)

    page.goto("/dashboard/audit/")
    page.get_by_role("link", name=f"{NAME} read 2 memories").click()
    page.locator(PEEK).get_by_text("leads to the root").wait_for()
    first = page.locator(PEEK).get_by_role("heading").first.inner_text()
    page.keyboard.press("j")
    page.locator(PEEK).get_by_text("membership.grant").wait_for()
    page.locator(PEEK).get_by_role("link", name="Open page").click()
    page.get_by_role("heading", name="Proof that it stands unchanged", exact=True).wait_for()

    last = page.get_by_role("heading", level=1).inner_text()
    assert (first, last) == ("Audit event 6", "Audit event 5")
    assert page.get_by_text("signed by key").count() == 1
    assert watched.complaints == []


def test_trail_is_verified_while_the_page_is_open(watched, sign_in, tenant):
    page = watched.page
    sign_in(page)
    seal(tenant)

    page.goto("/dashboard/audit/")
    page.get_by_role("heading", name="Not verified yet").wait_for()
    page.get_by_role("button", name="Verify now").click()
    page.get_by_role("progressbar").wait_for()
    with tenant_scope(tenant.id):
        check_id = AuditCheck.objects.get().id
    assert run_check(tenant_id=tenant.id, check_id=check_id, goes_on=lambda: True) is True

    page.get_by_role("heading", name="Verified", exact=True).wait_for()
    assert "0 problems" in page.locator("#verification").inner_text()
    assert page.get_by_role("progressbar").count() == 0
    assert watched.complaints == []


def test_download_is_checked_without_us(watched, sign_in, tenant, tmp_path):
    page = watched.page
    sign_in(page)

    page.goto("/dashboard/audit/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "trail.jsonl")
    (tmp_path / "keys.pem").write_text(run("public_key")[1])

    command = [sys.executable, "tools/verify.py", "audit", tmp_path / "trail.jsonl"]
    command += ["--public-key", tmp_path / "keys.pem", "--event", "3"]
    answer = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.startswith(b"OK 6 events, 1 checkpoints, tenant ")
    assert b"\nroot " in answer.stdout
    assert watched.complaints == []


def test_trail_without_script(chromium, server, sign_in, tenant):
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    seal(tenant)

    page.get_by_role("link", name="Audit trail").first.click()
    page.get_by_label("Who").select_option(label="API key Booking app")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Booking app added 2 memories").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Audit event 4"
    assert page.get_by_text("leads to the root").count() == 1
    context.close()
