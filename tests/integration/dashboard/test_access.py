"""Every page of the dashboard, walked by its URL."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from apps.dashboard.urls import urlpatterns
from apps.tenants.enums import Role
from apps.tenants.rules import Permission, is_allowed

SAMPLES = {
    "kind": "user",
    "entity_id": uuid.uuid4(),
    "memory_id": uuid.uuid4(),
    "event_id": uuid.uuid4(),
    "key_id": uuid.uuid4(),
    "session_id": 7,
    "operator_id": uuid.uuid4(),
    "invitation_id": uuid.uuid4(),
    "tenant_id": uuid.uuid4(),
    "report_id": uuid.uuid4(),
    "webhook_id": uuid.uuid4(),
    "delivery_id": uuid.uuid4(),
    "job_id": uuid.uuid4(),
    "request_id": uuid.uuid4(),
    "purge_id": uuid.uuid4(),
    "export_id": uuid.uuid4(),
    "move": "note",
    "slug": "rooms",
}


def address(pattern):
    names = pattern.pattern.converters
    return reverse(f"dashboard:{pattern.name}", kwargs={name: SAMPLES[name] for name in names})


pages = pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: str(pattern.pattern))


@pages
def test_view_names_a_permission(pattern):
    assert isinstance(pattern.callback.permission, Permission)


@pages
@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_is_sent_to_sign_in(db, pattern, method):
    answer = getattr(Client(), method)(address(pattern))

    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/?next=/dashboard/")


@pages
@pytest.mark.parametrize("method", ["get", "post"])
def test_operator_without_membership_is_refused(bare_operator, sign_in, pattern, method):
    answer = getattr(sign_in(bare_operator), method)(address(pattern))

    assert answer.status_code == 403
    assert b"Not allowed" in answer.content


@pytest.mark.parametrize("is_owner", [False, True])
@pytest.mark.parametrize("role", Role)
def test_pages_obey_the_table(make_operator, sign_in, role, is_owner):
    """What is allowed is only looked at: a POST would do it."""
    operator = make_operator(role=role, is_instance_owner=is_owner)
    browser, wrong = sign_in(operator), []

    for pattern in urlpatterns:
        may = is_allowed(pattern.callback.permission, operator=operator, role=role)
        for method in ("get",) if may else ("get", "post"):
            status = getattr(browser, method)(address(pattern)).status_code
            if (status != 403) is not may:
                wrong.append((method, pattern.name, status))

    assert wrong == []


@pages
def test_pages_are_not_stored(browser, pattern):
    answer = browser.get(address(pattern))

    assert answer.status_code in {200, 302, 404, 405}
    if answer.status_code == 200:
        assert answer["Cache-Control"] == "no-store"


def test_components_are_for_instance_owners(make_operator, sign_in):
    owner = make_operator(role=Role.OWNER)

    answer = sign_in(owner).get("/dashboard/components/")

    assert answer.status_code == 403


def test_anonymous_htmx_request_leaves_the_page(db):
    answer = Client().get("/dashboard/", headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == "/accounts/login/?next=/dashboard/"
