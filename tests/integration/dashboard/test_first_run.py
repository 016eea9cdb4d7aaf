"""The first steps, the demo data and what the installation is made of."""

import pytest
from django.utils import timezone

from apps.accounts.models import Operator
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory
from apps.operations.domain.demo import SAID
from apps.tenants.enums import Role
from apps.tenants.models import ApiKey


def tasks(browser):
    return {task.label: task.is_done for task in browser.get("/dashboard/").context["tasks"]}


def count(tenant):
    with tenant_scope(tenant.id):
        return Memory.objects.live().count()


def test_new_tenant_has_everything_before_it(browser, tenant):
    assert tasks(browser) == dict.fromkeys(
        ("API key", "First memory", "Second factor", "Particulars", "Telemetry notice"), False
    )


def test_key_counts_once_it_was_used(browser, store, tenant):
    assert tasks(browser)["API key"] is False
    ApiKey.objects.filter(tenant=tenant).update(last_used_at=timezone.now())

    assert tasks(browser)["API key"] is True


def test_viewer_is_offered_what_a_viewer_can_do(make_operator, sign_in, tenant):
    browser = sign_in(make_operator(role=Role.VIEWER))

    page = browser.get("/dashboard/")

    assert [task.label for task in page.context["tasks"]] == ["Second factor"]
    assert "Load demo data" not in page.content.decode()


def test_demo_comes_and_goes(browser, store, tenant):
    store.add("This is no demo.")

    browser.post("/dashboard/demo/")
    browser.post("/dashboard/demo/")

    assert count(tenant) == len(SAID) + 1
    assert "Demo data is loaded." in browser.get("/dashboard/").content.decode()
    assert "Remove the demo data?" in browser.get("/dashboard/demo/remove/").content.decode()

    browser.post("/dashboard/demo/remove/")

    assert count(tenant) == 1
    assert "Demo data is loaded." not in browser.get("/dashboard/").content.decode()


@pytest.mark.parametrize("path", ["/dashboard/demo/", "/dashboard/demo/remove/"])
def test_viewer_can_do_neither(make_operator, sign_in, path):
    assert sign_in(make_operator(role=Role.VIEWER)).post(path).status_code == 403


def test_removal_needs_a_recent_sign_in(make_operator, sign_in, tenant):
    browser = sign_in(make_operator(), is_recent=False)

    answer = browser.post("/dashboard/demo/remove/")

    assert answer.url.startswith("/accounts/reauthenticate/")


def test_about_names_versions_and_licences(browser):
    answer = browser.get("/dashboard/about/")

    packages = {one.name: one.licence for one in answer.context["packages"]}
    assert packages["Django"] == "BSD-3-Clause"
    assert [name for name, licence in packages.items() if not licence] == []
    versions = dict(answer.context["versions"])
    assert versions.keys() == {"MemoryHub", "Python", "Django", "PostgreSQL", "Embedder"}


def test_about_is_for_instance_owners(make_operator, sign_in):
    assert sign_in(make_operator(role=Role.OWNER)).get("/dashboard/about/").status_code == 403
    assert Operator.objects.count() == 1
