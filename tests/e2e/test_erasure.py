"""The whole erasure in a browser, to the certificate; and the link for the person."""

import os

import pytest

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.queries import find_entities
from apps.privacy.domain.work import run_request
from apps.privacy.models import Request
from tests.e2e.conftest import PASSWORD

pytestmark = pytest.mark.needs("Chromium")
SHOTS = os.environ.get("MEMORYHUB_SHOTS", "")


@pytest.fixture
def subject_id(server, person):
    with server.blocker.unblock(), tenant_scope(server.tenant.id):
        [entity] = find_entities([("user", person)]).values()
        return entity.id


def work(server, subject_id):
    """What a worker does."""
    with server.blocker.unblock():
        with tenant_scope(server.tenant.id):
            request = Request.objects.filter(subject_id=subject_id).latest("id")
        ids = {"tenant_id": server.tenant.id, "request_id": request.id, "by": SYSTEM}
        while run_request(**ids):
            pass


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_operator_erases_a_person(watched, sign_in, server, person, subject_id):
    page = watched.page
    sign_in(page)

    page.goto(f"/dashboard/entities/{subject_id}/")
    shoot(page, "entity")
    page.get_by_role("link", name="Erase all…").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("This cannot be undone.").wait_for()
    shoot(page, "erase")
    page.get_by_label("Type the id to confirm").fill("somebody else")
    page.get_by_role("button", name="Erase 7 rows").click()
    page.get_by_role("alert").get_by_text(f"Type {person} to erase it").wait_for()
    page.get_by_label("Type the id to confirm").fill(person)
    page.get_by_role("button", name="Erase 7 rows").click()

    page.get_by_text("This cannot be undone and cannot be stopped.").wait_for()
    shoot(page, "running")
    work(server, subject_id)
    page.get_by_role("link", name="Download JSON").wait_for()
    page.reload()
    shoot(page, "done")
    assert page.get_by_role("heading", level=1).inner_text() == "Erasure of id erased"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download JSON").click()
    assert download.value.suggested_filename.endswith(".json")
    page.goto("/dashboard/requests/")
    shoot(page, "list")
    assert watched.complaints == []


def test_person_follows_the_link(watched, sign_in, server, person, subject_id, chromium):
    page = watched.page
    sign_in(page)
    page.goto("/dashboard/requests/new/")
    page.get_by_label("Id", exact=True).fill(person)
    shoot(page, "open")
    page.get_by_role("button", name="Open request").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("code").get_by_text("/person/").inner_text()

    context = chromium.new_context(viewport={"width": 390, "height": 844})
    phone = context.new_page()
    phone.goto(link)
    phone.get_by_role("button", name="Show my request").click()
    phone.get_by_text("received").wait_for()
    shoot(phone, "person")
    assert phone.url == f"{server.url}/person/"
    phone.goto(link)
    phone.get_by_role("heading", name="This link does not work").wait_for()
    context.close()
    assert watched.complaints == []


@pytest.mark.parametrize("path", ["/dashboard/requests/", "/dashboard/requests/settings/"])
def test_phone_shows_requests_without_overflow(watched, sign_in, path):
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page)

    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert watched.complaints == []
