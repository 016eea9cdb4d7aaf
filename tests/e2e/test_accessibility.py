"""No page has a serious finding of axe-core, in either theme."""

from pathlib import Path

import pytest
from django.urls import reverse

from apps.accounts.models import Operator
from apps.dashboard.urls import urlpatterns
from tests.support.needs import find

pytestmark = pytest.mark.needs("Chromium", "axe-core")

RUN = """() => axe.run().then(({violations}) => violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(" ")}`))"""


def list_pages(page):
    """Each page that needs no id: what answers GET with a document and leads nowhere else."""
    bare = [pattern for pattern in urlpatterns if not pattern.pattern.converters]
    names = dict.fromkeys(f"dashboard:{pattern.name}" for pattern in bare)
    return [path for path in map(reverse, names) if is_document(page, path)]


def is_document(page, path):
    answer = page.request.get(path, max_redirects=0)
    assert answer.status in {200, 204, 302, 404, 405}, path  # 404: a file that is not there yet
    return answer.status == 200 and answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_no_serious_finding(watched, sign_in, email, person, server, theme):
    with server.blocker.unblock():
        Operator.objects.filter(email=email).update(is_instance_owner=True)
    page = watched.page
    page.context.add_cookies([{"name": "theme", "value": theme, "url": server.url}])
    axe = Path(find("axe-core"), "axe.min.js").read_text()
    sign_in(page)
    found = {}

    pages = [*list_pages(page), "/dashboard/?table=use", "/dashboard/?range=dates"]
    for path in [*pages, *list_rows(page)]:
        page.goto(path)
        page.evaluate(axe)
        if serious := page.evaluate(RUN):
            found[path] = serious

    assert len(pages) > 20
    assert found == {}


def list_rows(page):
    """A memory, its pages, and its entity."""
    page.goto("/dashboard/memories/")
    memory = page.locator("tbody th a").first.get_attribute("href")
    entity = page.locator("tbody td a").first.get_attribute("href")
    acts = ("edit", "expire", "delete", "correct")
    tabs = ("messages", "jobs", "recipients", "looked", "keys", "erase", "export")
    return [
        memory,
        entity,
        *(f"{memory}{act}/" for act in acts),
        *(f"{entity}{tab}/" for tab in tabs),
    ]
