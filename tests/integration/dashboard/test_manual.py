"""/dashboard/help/"""

from apps.tenants.enums import Role


def test_pages_are_listed_shown_and_found(make_operator, sign_in):
    browser = sign_in(make_operator(role=Role.VIEWER))

    index = browser.get("/dashboard/help/").content.decode()
    page = browser.get("/dashboard/help/privacy/")
    asked = {"HX-Request": "true", "HX-Target": "palette"}
    palette = browser.post("/dashboard/find/", {"q": "backup"}, headers=asked)

    assert '<a href="/dashboard/help/privacy/">Requests of persons</a>' in index
    assert '<a href="/dashboard/help/backup/">' in page.content.decode()
    assert [(line.label, line.kind) for line in palette.context["lines"]] == [("Backups", "help")]
    assert browser.get("/dashboard/help/design/").status_code == 404
