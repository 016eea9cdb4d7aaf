"""Requests of people in the browser: the list, one request, and erasing from an entity's page."""

import json

import pytest
from django.utils import timezone

from apps.common import sending
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.models import Entity, Memory
from apps.privacy.domain import erasure
from apps.privacy.domain.particulars import read_handling
from apps.privacy.domain.work import run_request
from apps.privacy.models import Request
from apps.tenants.enums import Role

LIST = "/dashboard/requests/"


@pytest.fixture(autouse=True)
def no_workers(monkeypatch, settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path
    monkeypatch.setattr(sending.current_app, "send_task", lambda *_, **__: None)
    monkeypatch.setattr(erasure, "vacuum_table", lambda *_, **__: None)  # not in a transaction


@pytest.fixture
def browser(make_operator, sign_in):
    """Of somebody who signed in long ago."""
    return sign_in(make_operator(is_instance_owner=True), is_recent=False)


@pytest.fixture
def confirm(browser, password):
    """The recent sign-in that what destroys asks for."""

    def confirm():
        answer = browser.post("/accounts/reauthenticate/", {"password": password})
        assert answer.status_code == 302

    return confirm


def entity_id(tenant):
    with tenant_scope(tenant.id):
        return Entity.objects.get(kind="user").id


def only_request(tenant):
    with tenant_scope(tenant.id):
        return Request.objects.get()


def work(tenant):
    request = only_request(tenant)
    while run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM):
        pass


def open_(browser, **fields):
    given = {"kind": "access", "subject_kind": "user", "subject_name": "ada"}
    given["received_on"] = timezone.now().date().isoformat()
    return browser.post(f"{LIST}new/", given | fields)


def move(browser, tenant, name, **fields):
    return browser.post(f"{LIST}{only_request(tenant).id}/{name}/", fields, follow=True)


def test_empty_list_says_so(browser):
    answer = browser.get(LIST)

    assert answer.status_code == 200
    assert b"No open requests" in answer.content


def test_request_is_opened_verified_run_and_its_copy_downloaded(browser, store, tenant, confirm):
    store.add("Ada drinks tea")

    opened = open_(browser, reference="BK-77120")
    page = browser.get(opened["Location"])
    assert b"BK-77120" in page.content
    assert b"Verify" in page.content
    move(browser, tenant, "verify", check="document")
    answer = move(browser, tenant, "start")
    assert b'hx-trigger="every 2s"' in answer.content
    work(tenant)

    done = browser.get(opened["Location"])
    assert b"Download copy" in done.content
    assert b"every 2s" not in done.content
    download = f"{opened['Location']}download/"
    assert browser.get(download)["Location"].startswith("/accounts/reauthenticate/")
    confirm()
    raw = b"".join(browser.get(download).streaming_content)
    assert raw[:2] == b"PK"


def test_list_shows_what_is_overdue_first(browser, tenant):
    open_(browser, received_on="2026-01-05")
    open_(browser, kind="objection", subject_name="bob")

    content = browser.get(LIST).content.decode()

    assert "overdue" in content
    assert content.index("Access") < content.index("Objection")


def test_ended_request_leaves_the_open_ones(browser, tenant):
    open_(browser)
    move(browser, tenant, "withdraw")

    assert b"No open requests" in browser.get(LIST).content
    assert b"withdrawn" in browser.get(f"{LIST}?show=all").content


def test_wrong_form_is_said_and_kept(browser):
    answer = open_(browser, subject_name="")

    assert answer.status_code == 200
    assert b"There is a problem" in answer.content
    assert b"Enter the id that the application uses" in answer.content


def test_duplicate_is_said(browser, store):
    store.add("Ada drinks tea")
    open_(browser)

    assert b"is open" in open_(browser).content


def test_refusal_extension_note_and_assignment(browser, make_operator, tenant, store):
    officer = make_operator("officer@halden.example", role=Role.PRIVACY_OFFICER)
    store.add("Ada drinks tea")
    open_(browser)

    assert b"Explain the refusal" in move(browser, tenant, "refuse", reason="unfounded").content
    move(browser, tenant, "extend", months="1", explanation="Many of them")
    assert b"called back" in move(browser, tenant, "note", text="called back").content
    move(browser, tenant, "assign", assignee_id=str(officer.id))
    answer = move(browser, tenant, "refuse", reason="unfounded", explanation="The ninth")

    assert b"The ninth" in answer.content
    found = only_request(tenant)
    assert (found.state, found.extra_months) == ("refused", 1)
    assert found.assignee_id == officer.id
    assert found.due_on > timezone.now().date()


def test_whole_erasure_from_the_entitys_page(browser, store, tenant, confirm):
    store.add("Ada drinks tea", "Ada sleeps")
    store.add("Bob drinks tea", user_id="bob")
    with tenant_scope(tenant.id):
        ada = Memory.objects.order_by("id").first().user_id
    page = f"/dashboard/entities/{ada}/"
    assert b"Erase all" in browser.get(page).content

    first = browser.get(f"{page}erase/")
    assert first["Location"].startswith("/accounts/reauthenticate/?next=")
    confirm()
    shown = browser.get(f"{page}erase/").content
    assert b"This cannot be undone." in shown
    assert b"Erase 7 rows" in shown

    wrong = browser.post(f"{page}erase/", {"check": "document", "typed": "bob"})
    assert b"Type ada to erase it" in wrong.content
    started = browser.post(f"{page}erase/", {"check": "document", "typed": "ada"})
    running = browser.get(started["Location"]).content
    assert b"cannot be stopped" in running
    assert b"every 2s" in running
    work(tenant)

    done = browser.get(started["Location"]).content
    assert b"id erased" in done
    assert b"Certificate of erasure" in done
    assert b"verify.py certificate" in done
    document = browser.get(f"{started['Location']}certificate/").json()
    assert {row["table"]: row["found"] for row in document["tables"]}["memories.Memory"] == 2
    assert browser.get(page).status_code == 404
    with tenant_scope(tenant.id):
        assert [memory.text for memory in Memory.objects.live()] == ["Bob drinks tea"]
    assert '"ada"' not in json.dumps(document)


def test_hold_is_set_shown_and_stops_the_erasure(browser, store, tenant, confirm):
    store.add("Ada drinks tea")
    page = f"/dashboard/entities/{entity_id(tenant)}/"

    assert b"Lift legal hold" in browser.post(f"{page}hold/", {}, follow=True).content
    confirm()
    assert b"A legal hold keeps this data" in browser.get(f"{page}erase/").content
    started = browser.post(f"{page}erase/", {"check": "document", "typed": "ada"})
    assert b"blocked by hold" in browser.get(started["Location"]).content
    assert b"Set legal hold" in browser.post(f"{page}hold/", {"hold": "lift"}, follow=True).content


def test_particulars_are_saved_and_shown(browser, tenant):
    given = {"controller": "Harbour Clinic Ltd", "holidays": "2026-12-25\n2026-12-28"}
    answer = browser.post(f"{LIST}settings/", given | {"has_four_eyes": "on"}, follow=True)

    assert b"Harbour Clinic Ltd" in answer.content
    with tenant_scope(tenant.id):
        found = read_handling()
    assert (found.said.controller, found.has_four_eyes, found.is_blocking) == (
        "Harbour Clinic Ltd",
        True,
        False,
    )
    assert [day.isoformat() for day in found.holidays] == ["2026-12-25", "2026-12-28"]
    wrong = browser.post(f"{LIST}settings/", {"holidays": "Christmas"})
    assert b"Write each holiday as 2026-12-25" in wrong.content


def test_second_person_approves_where_the_tenant_wants_it(
    browser, make_operator, sign_in, store, tenant, confirm
):
    store.add("Ada drinks tea")
    browser.post(f"{LIST}settings/", {"has_four_eyes": "on"})
    confirm()
    page = f"/dashboard/entities/{entity_id(tenant)}/erase/"
    started = browser.post(page, {"check": "document", "typed": "ada"})

    assert b"A second person approves" in move(browser, tenant, "approve").content
    assert b"Run request" not in browser.get(started["Location"]).content
    second = sign_in(make_operator(email="second@halden.example", role=Role.PRIVACY_OFFICER))
    move(second, tenant, "approve")
    move(second, tenant, "start")

    assert only_request(tenant).state == "running"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_neither_see_requests_nor_erase(make_operator, sign_in, store, tenant, role):
    store.add("Ada drinks tea")
    client = sign_in(make_operator(email="other@halden.example", role=role))
    page = f"/dashboard/entities/{entity_id(tenant)}/"

    assert b"Erase all" not in client.get(page).content
    for path in (LIST, f"{LIST}new/", f"{page}erase/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{page}hold/").status_code == 403


def test_request_of_another_tenant_is_not_found(browser, other_tenant):
    from tests.unit.privacy.subjects import ask

    theirs = ask(other_tenant, "access", "ada")

    for part in ("", "certificate/"):
        assert browser.get(f"{LIST}{theirs.id}/{part}").status_code == 404
