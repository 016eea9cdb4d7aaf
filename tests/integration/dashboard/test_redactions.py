"""/dashboard/requests/<id>/redact/, the board, the assignee and a correction."""

import pytest

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import RequestKind, Via
from apps.privacy.queries import read_request
from apps.tenants.enums import Role


@pytest.fixture
def ids(store):
    return store.add("Ada met Grace Hopper.", "Ada likes tea.")


@pytest.fixture
def request_id(tenant, ids):
    new = NewRequest(RequestKind.ACCESS, EntityKind.USER, "ada", via=Via.OPERATOR)
    return open_request(tenant_id=tenant.id, new=new, by=SYSTEM)[0].id


@pytest.fixture
def href(request_id):
    return f"/dashboard/requests/{request_id}/redact/"


def test_reveal_shows_what_the_copy_will_say(browser, href):
    hidden = browser.get(href)
    shown = browser.post(href, {"do": "reveal", "passages": "Grace Hopper"})

    assert b"Grace" not in hidden.content
    assert [row.text.words for row in shown.context["page"].rows] == [
        "Ada likes tea.",
        "Ada met [redacted].",
    ]


def test_marks_are_saved(browser, href, ids, tenant, request_id):
    shown = [str(one) for one in ids]

    browser.post(href, {"do": "save", "passages": "Grace\nBob", "shown": shown, "record": shown[1]})

    saved = read_request(tenant_id=tenant.id, request_id=request_id).redactions
    assert saved == {"passages": ["Grace", "Bob"], "records": [shown[1]]}
    assert b"2 passages and 1 record are redacted" in browser.get(href[: -len("redact/")]).content


def test_marks_of_other_pages_stay(browser, href, ids, tenant, request_id):
    first, second = (str(one) for one in ids)
    browser.post(href, {"do": "save", "shown": [first], "record": first})
    browser.post(href, {"do": "save", "shown": [second], "record": second})

    saved = read_request(tenant_id=tenant.id, request_id=request_id).redactions
    assert sorted(saved["records"]) == sorted([first, second])


def test_it_needs_a_recent_sign_in(make_operator, sign_in, href):
    stale = sign_in(make_operator(), is_recent=False)

    assert stale.get(href).headers["Location"].startswith("/accounts/reauthenticate/")


def test_board_has_a_column_for_each_open_state(browser, request_id):
    board = browser.get("/dashboard/requests/?show=board").context["board"]

    assert [(column.words, len(column.rows)) for column in board] == [
        ("received", 1),
        ("verified", 0),
        ("approved", 0),
        ("running", 0),
        ("failed", 0),
        ("blocked by hold", 0),
    ]


def test_assignee_is_one_who_may_handle_requests(browser, make_operator, tenant, request_id):
    officer = make_operator("officer@halden.example", role=Role.PRIVACY_OFFICER)
    viewer = make_operator("viewer@halden.example", role=Role.VIEWER)
    move = f"/dashboard/requests/{request_id}/assign/"

    browser.post(move, {"assignee_id": str(officer.id)})
    assert read_request(tenant_id=tenant.id, request_id=request_id).assignee_id == officer.id
    refused = browser.post(move, {"assignee_id": str(viewer.id)}, follow=True)
    assert b"Assign it to an operator who may handle requests" in refused.content
    browser.post(move, {"assignee_id": ""})
    assert read_request(tenant_id=tenant.id, request_id=request_id).assignee_id is None


def test_correction_opens_a_rectification(browser, ids, tenant):
    href = f"/dashboard/memories/{ids[1]}/correct/"

    assert b"Write what is right" in browser.post(href, {"text": " "}).content
    answer = browser.post(href, {"text": "Ada likes coffee."})

    with tenant_scope(tenant.id):
        opened = answer.headers["Location"].split("/")[-2]
    found = read_request(tenant_id=tenant.id, request_id=opened)
    assert found.kind == "rectification"
    assert found.corrections == [{"memory_id": str(ids[1]), "text": "Ada likes coffee."}]
