"""An instance owner proves isolation and reads what was tried."""

import uuid

import pytest

from apps.common.actor import SYSTEM
from apps.operations.models import IsolationProof
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from tests.e2e.conftest import PASSWORD
from tests.support.committed import committing

pytestmark = pytest.mark.needs("Chromium")


@pytest.fixture
def email(server):
    email = f"owner-{uuid.uuid4().hex[:8]}@halden.example"
    with server.blocker.unblock():
        create_operator(
            email=email,
            password=PASSWORD,
            tenant=server.tenant,
            role=Role.OWNER,
            is_instance_owner=True,
            by=SYSTEM,
        )
    with committing(server.blocker):
        yield email
        IsolationProof.objects.all().delete()


def test_owner_proves_isolation(watched, sign_in):
    page = watched.page
    sign_in(page)

    page.keyboard.press("g")
    page.keyboard.press("i")
    page.get_by_role("heading", name="Not proved yet").wait_for()
    page.get_by_role("button", name="Prove now").focus()
    page.keyboard.press("Enter")
    page.locator("#toasts").get_by_text("none reached another tenant's rows").wait_for()

    verdict = page.locator("#main .notice.proof").inner_text()
    assert verdict.startswith("Proved ")
    assert page.get_by_role("cell", name="not held").count() == 0
    assert page.locator(".proofs").get_by_text("proved ").count() == 1
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert watched.complaints == []


def test_proof_without_script(chromium, server, sign_in):
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)

    page.get_by_role("link", name="Isolation").first.click()
    page.get_by_role("button", name="Prove now").click()

    assert page.locator("#main .notice.proof").inner_text().startswith("Proved ")
    context.close()
