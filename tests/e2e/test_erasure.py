"""The whole erasure in a browser, to the certificate; and the link for the person."""

import os
import zipfile

import pytest

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.work import run_request
from apps.privacy.models import Request

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

    page.goto("/dashboard/entities/user/")
    page.get_by_role("searchbox", name="Find users by id or part of it").fill(person)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=person).click()
    page.get_by_role("link", name="Erase all…").click()
    page.get_by_text("This cannot be undone.").wait_for()
    shoot(page, "erase")
    page.get_by_role("link", name="Export copy…").click()
    shoot(page, "export")
    page.get_by_role("button", name="Write copy").click()
    page.get_by_role("heading", name="Access of").wait_for()
    work(server, subject_id)
    with page.expect_download() as copy:
        page.get_by_role("link", name="Download copy").click()
    assert copy.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="Back to the entity").click()
    page.get_by_role("link", name="Erase all…").click()
    page.get_by_role("link", name="Download copy").wait_for()
    shoot(page, "erase-after-export")
    page.get_by_label("Type the id to confirm").fill("somebody else")
    page.get_by_role("button", name="Erase 8 rows").click()
    page.get_by_role("alert").get_by_text(f"Type {person} to erase it").wait_for()
    page.get_by_label("Type the id to confirm").fill(person)
    page.get_by_role("button", name="Erase 8 rows").click()

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
    for show in ("", "?show=board", "?show=all"):
        page.goto(f"/dashboard/requests/{show}")
        shoot(page, f"requests{show[-5:]}")
    assert watched.complaints == []


def test_operator_erases_by_the_keyboard(watched, sign_in, server, person, subject_id):
    page = watched.page
    sign_in(page)

    page.keyboard.press("/")
    page.keyboard.type(person)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=person).wait_for()
    tab_to(page, "Erase all…")
    page.keyboard.press("Enter")
    page.get_by_text("This cannot be undone.").wait_for()
    tab_to(page, "Type the id to confirm")
    page.keyboard.type(person)
    page.keyboard.press("Enter")
    page.get_by_text("This cannot be undone and cannot be stopped.").wait_for()
    work(server, subject_id)
    page.get_by_role("link", name="Download JSON").wait_for()

    tab_to(page, "Download JSON")
    with page.expect_download():
        page.keyboard.press("Enter")
    assert watched.complaints == []


def tab_to(page, name):
    """Press Tab until what is called so has the focus."""
    named = "(e) => (e.labels?.length ? e.labels[0].innerText : e.innerText).trim()"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"({named})(document.activeElement)") == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


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
    page.go_back()
    page.goto(page.url)
    page.get_by_role("link", name="Redact passages…").click()
    page.get_by_label("Passages about others").fill("Biscuit")
    page.get_by_role("button", name="Reveal this page").click()
    page.get_by_text("Has a dog called [redacted].").wait_for()
    shoot(page, "redact")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Back to the request").click()
    page.get_by_text("1 passage and 0 records are redacted").wait_for()
    shoot(page, "request")
    page.get_by_role("button", name="Verify").click()
    page.get_by_role("button", name="Run request").click()
    page.get_by_text("running").first.wait_for()
    work(server, subject_id)
    phone.reload()
    shoot(phone, "person-done")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download copy").click()
    with zipfile.ZipFile(download.value.path()) as copy:
        said = copy.read("copy.json").decode()
    assert "Has a dog called [redacted]." in said
    assert "Biscuit" not in said
    phone.goto(link)
    phone.get_by_role("heading", name="This link does not work").wait_for()
    context.close()
    assert watched.complaints == []
