"""An operator signs in, finds a user, searches and opens a memory."""

import pytest

pytestmark = pytest.mark.needs("Chromium")

MEMORY = "Plays the xylophone in a small orchestra."


def test_operator_finds_a_user_and_opens_a_memory(watched, sign_in, person):
    page = watched.page
    sign_in(page)

    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Entities").click()
    page.get_by_role("searchbox", name="Find users by id or part of it").fill(person[:-2])
    page.keyboard.press("Enter")
    page.get_by_text("1 user found").wait_for()
    page.get_by_role("link", name=person).click()
    page.get_by_role("searchbox", name="Search the memories of this user").fill("xylophone")
    page.keyboard.press("Enter")
    page.get_by_text("Exact search over all 2,").wait_for()
    assert page.get_by_text(MEMORY).count() == 0
    page.get_by_role("button", name="Reveal these 2").click()
    page.get_by_role("link", name=MEMORY).click()
    page.locator("#peek").get_by_role("button", name="Reveal text").click()
    page.locator("#peek").get_by_text(MEMORY).first.wait_for()
    page.locator("#peek").get_by_role("link", name="Open page").click()
    page.wait_for_url("**/dashboard/memories/*/")
    page.get_by_role("heading", name="Versions").wait_for()
    assert page.locator("#main").get_by_text(MEMORY).count() == 0
    page.get_by_role("button", name="Reveal text").click()
    page.locator("#main .sealed.lead").get_by_text(MEMORY).wait_for()

    assert page.locator("#main .sealed.lead").inner_text() == MEMORY
    assert person not in page.url
    assert page.locator("#nav [aria-current]").inner_text() == "Memories"
    assert watched.complaints == []


def test_keyboard_alone(watched, sign_in, person):
    page = watched.page
    sign_in(page)

    page.keyboard.press("g")
    page.keyboard.press("e")
    page.get_by_role("heading", name="Entities").wait_for()
    page.keyboard.press("/")
    page.keyboard.type(person)
    page.keyboard.press("Enter")
    page.get_by_text("1 user found").wait_for()
    page.keyboard.press("Tab")
    page.locator("body").click(position={"x": 700, "y": 880})
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=person).wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#peek").get_by_role("heading", name="Memory").wait_for()
    page.keyboard.press("Escape")

    assert page.locator("#peek").inner_text() == ""
    assert page.evaluate("document.activeElement.closest('tr') !== null")
    assert watched.complaints == []


def test_palette_leads_to_rooms_and_people_without_a_mouse(watched, sign_in, person):
    page = watched.page
    sign_in(page)

    page.keyboard.press("Control+k")
    page.keyboard.type("memor")
    page.get_by_role("option", name="Memories room").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Memories", level=1).wait_for()
    page.keyboard.press("Control+k")
    page.keyboard.type(person[3:])
    page.get_by_role("option", name=person).wait_for()
    page.keyboard.press("Escape")
    page.locator("#palette").wait_for(state="hidden")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 entity found").wait_for()

    assert person not in page.url
    assert watched.complaints == []


def test_find_leads_to_a_user_and_back(watched, sign_in, person):
    page = watched.page
    sign_in(page)

    page.keyboard.press("Control+k")
    page.keyboard.type(person)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=person).wait_for()
    assert person not in page.url
    page.go_back()
    page.get_by_role("heading", name="Overview").wait_for()

    assert page.locator("#nav [aria-current]").inner_text() == "Overview"
    assert watched.complaints == []


def test_letters_are_dead_inside_fields(watched, sign_in):
    page = watched.page
    sign_in(page)

    page.locator("#find").fill("")
    page.locator("#find").press_sequentially("ge?/")

    assert page.locator("#find").input_value() == "ge?/"
    assert page.url.endswith("/dashboard/")


def test_theme_follows_at_once_and_stays(watched, sign_in):
    page = watched.page
    sign_in(page)

    page.get_by_role("button", name="Theme").click()
    page.locator("#themes").get_by_role("button", name="Dark").click()
    page.wait_for_selector("html[data-theme=dark]")
    page.reload()

    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert watched.complaints == []


def test_phone_opens_the_drawer_and_nothing_overflows(watched, sign_in, person):
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page)

    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Entities").click()
    page.get_by_role("heading", name="Entities").wait_for()

    assert page.locator("#sidebar:popover-open").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert watched.complaints == []


def test_journey_without_script(chromium, server, sign_in, person):
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)

    page.get_by_role("link", name="Entities").first.click()
    page.get_by_role("searchbox", name="Find users by id or part of it").fill(person)
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("link", name=person).click()
    page.get_by_role("searchbox", name="Search the memories of this user").fill("xylophone")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="Reveal these 2").click()
    page.get_by_role("link", name=MEMORY).click()
    page.get_by_role("button", name="Reveal text").click()

    assert page.locator("#main .sealed.lead").inner_text() == MEMORY
    context.close()
