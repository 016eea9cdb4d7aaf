"""Memories of a person are chosen and purged, on a desk and on a phone."""

import os

import pytest

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.purging import run_purge

pytestmark = pytest.mark.needs("Chromium")
SHOTS = os.environ.get("MEMORYHUB_SHOTS", "")
LOOKS = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture
def subject_id(server, person):
    with server.blocker.unblock(), tenant_scope(server.tenant.id):
        [entity] = find_entities([("user", person)]).values()
        return entity.id


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("look", ["light", "phone"])
def test_operator_purges_memories(chromium, server, sign_in, subject_id, person, look):
    context = chromium.new_context(base_url=server.url, **LOOKS[look])
    page = context.new_page()
    sign_in(page)

    page.goto(f"/dashboard/entities/{subject_id}/")
    page.get_by_label("Select memory").first.check()
    if look == "light":
        page.get_by_text("1 on this page selected").wait_for()
        page.get_by_label("Select this page").check()
        page.get_by_text("2 on this page selected").wait_for()
    shoot(page, f"{look}-selected")
    page.get_by_role("button", name="Purge all 2…").click()
    page.get_by_text("This cannot be undone.").wait_for()
    shoot(page, f"{look}-purge")
    purge_id = page.url.split("/")[-2]
    page.get_by_label("Type the id to confirm").fill(person)
    page.get_by_role("button", name="Purge 2 memories").click()
    page.get_by_text("0 of 2").wait_for()
    shoot(page, f"{look}-purge-running")
    with server.blocker.unblock():
        run_purge(tenant_id=server.tenant.id, purge_id=purge_id, by=SYSTEM)
    page.get_by_role("link", name="Back to the entity").wait_for()
    shoot(page, f"{look}-purge-done")
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    page.get_by_role("link", name="Back to the entity").click()
    page.get_by_role("heading", name="Nothing is kept here").wait_for()
    context.close()
