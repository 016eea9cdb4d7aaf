"""The page about the API in a browser, under the strict policy, without a sign-in."""

import pytest

pytestmark = pytest.mark.needs("Chromium")


def test_an_operation_opens_and_nothing_is_refused(watched):
    page = watched.page
    answer = page.goto("/api/docs/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]

    page.get_by_role("link", name="Audit", exact=True).click()
    page.locator("#post_v3_memories_add > summary").click()

    opened = page.locator("#post_v3_memories_add")
    assert opened.get_by_role("heading").all_inner_texts() == [
        "Parameters",
        "Body",
        "Call",
        "Answers",
    ]
    assert "/v3/memories/add/" in opened.locator(".command code").inner_text()
    assert page.locator("#get_v1_ping .body").is_hidden()
    assert watched.complaints == []


@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_its_window(watched, width):
    watched.page.set_viewport_size({"width": width, "height": 900})
    watched.page.goto("/api/docs/")
    watched.page.locator("#post_v3_memories_search > summary").click()

    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
