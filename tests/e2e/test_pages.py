"""Every page, once: accessible, within the policy, fit for a phone, at rest; and for each role."""

import json

import pytest
from django.urls import Resolver404, resolve

from apps.tenants.enums import Role
from apps.tenants.rules import is_allowed
from tests.e2e.walk import OFFERS, WIDE, Walk, give_code, give_password, is_page, list_complaints
from tests.e2e.world import INSTANCE, plant_world
from tests.support.committed import committing

pytestmark = pytest.mark.needs("Chromium", "axe-core")

ACCOUNT = ("password/change", "reauthenticate", "logout", "factor/app/remove", "factor/codes")
ACCOUNT += ("factor/codes/new", "factor/confirm", "passkey/add")
ABSENT = "/dashboard/memories/00000000-0000-7000-8000-000000000000/"
VARIANTS = ("/dashboard/?table=use", "/dashboard/?range=dates", "/dashboard/requests/?show=board")
EVERYBODY = ["Overview", "Memories", "Entities", "Jobs", "Help"]
EDITORS = [*EVERYBODY, "Playground"]
OVERSEERS = [*EDITORS, "Requests", "Audit trail", "API keys", "Extraction", "Webhooks"]
OVERSEERS += ["Operators", "Retention", "Hygiene", "Outbound hosts"]
OWNERS = [*OVERSEERS, "Erase tenant"]
GOVERNORS = ["Tenants", "All operators", "Instance audit trail", "Isolation", "Health"]
GOVERNORS += ["Telemetry", "Embeddings", "About", "Components"]
ROOMS = {
    Role.VIEWER: EVERYBODY,
    Role.EDITOR: EDITORS,
    Role.PRIVACY_OFFICER: OVERSEERS,
    Role.OWNER: OWNERS,
    INSTANCE: [*OWNERS, *GOVERNORS],
}


@pytest.fixture(scope="module")
def world(server):
    with committing(server.blocker):
        yield plant_world()


@pytest.fixture
def walk(chromium, server):
    context = chromium.new_context(
        base_url=server.url,
        viewport={"width": WIDE, "height": 900},
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    yield Walk(context)
    context.close()


def test_pages_without_a_sign_in(walk, world):
    for path in ("/accounts/login/", "/api/docs/", "/no/such/page/", "/accounts/inactive/"):
        walk.go(path)
    for path in world.links:
        walk.go(path)
        walk.go(f"{path[:-3]}/")  # one that does not work
    walk.page.goto(world.links[0])
    walk.page.get_by_role("button", name="Show my request").click()
    walk.page.get_by_text("received").first.wait_for()
    walk.look("/person/")
    walk.page.goto("/dashboard/")
    give_password(walk.page, world.operators[INSTANCE].email, "wrong")
    walk.page.get_by_role("heading", name="There is a problem").wait_for()
    walk.look("refused sign-in")

    assert walk.found == {}, json.dumps(walk.found, indent=1)


def test_pages_of_an_instance_owner(walk, world):
    page = walk.page
    page.goto("/dashboard/")
    give_password(page, world.operators[INSTANCE].email)
    walk.look("second factor")
    give_code(page)
    page.get_by_role("heading", name="Overview").wait_for()

    for path in (
        *world.list_paths(),
        *VARIANTS,
        *(f"/accounts/{name}/" for name in ACCOUNT),
        ABSENT,
    ):
        walk.go(path)
    look_at_answers(walk, world)

    assert len(walk.seen) > 85
    assert walk.found == {}, json.dumps(walk.found, indent=1)


def look_at_answers(walk, world):
    """What only a form leads to: a search, revealed texts, refused input."""
    page, (memory_id, _), [entity_id] = walk.page, world.ids["memory_id"], world.ids["entity_id"]
    for path, button in (
        (f"memories/{memory_id}", "Reveal text"),
        (f"entities/{entity_id}", "Search"),
        (f"entities/{entity_id}", "Reveal th"),
        ("memories", "Search"),
        ("memories", "Reveal th"),
        ("operators/invite", "Make invitation"),
        ("webhooks/create", "Create webhook"),
    ):
        page.goto(f"/dashboard/{path}/")
        if button == "Search":
            page.locator("main [type=search]").fill("nobody's")
        page.locator("main").get_by_role("button", name=button).first.click()
        page.wait_for_load_state("networkidle")
        walk.look(f"{path} {button}")

    page.goto("/dashboard/about/")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    walk.look("keys")


@pytest.mark.parametrize("who", ROOMS)
def test_rooms_of_a_role(watched, world, who):
    """Each room by the nav, and each page that one leads to: all that they offer is allowed."""
    page, operator = watched.page, world.operators[who]
    page.goto("/dashboard/")
    give_password(page, operator.email)
    if who == INSTANCE:
        give_code(page)
    links = page.get_by_role("navigation", name="Rooms").get_by_role("link")
    links.first.wait_for()
    rooms, offers = links.all_inner_texts(), Offers(page, operator, who)

    offers.take()
    for room in rooms[1:]:
        links.get_by_text(room, exact=True).click()
        page.locator(f'#page[data-room="{room}"]').wait_for()
        page.get_by_role("heading", level=1).wait_for()
        offers.take()
    offers.follow()

    assert sorted(rooms) == sorted(ROOMS[who])
    assert offers.refused == []
    assert list_complaints(watched) == []


class Offers:
    """Where the links and forms of pages lead, each kind of page opened once."""

    def __init__(self, page, operator, who):
        self.page, self.operator = page, operator
        self.role = Role.OWNER if who == INSTANCE else who
        self.waiting, self.known, self.refused = [], set(), []

    def take(self):
        for path in self.page.evaluate(OFFERS):
            try:
                found = resolve(path)
            except Resolver404:
                continue
            if found.view_name not in self.known and hasattr(found.func, "permission"):
                self.known.add(found.view_name)
                self.waiting.append((path, found.func.permission))

    def follow(self):
        while self.waiting:
            path, permission = self.waiting.pop()
            if not is_allowed(permission, operator=self.operator, role=self.role):
                self.refused.append((path, self.page.url))
            elif is_page(self.page, path):
                self.take()
