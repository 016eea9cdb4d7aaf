"""From a filtered list to its JSON document, and to the end of it."""

import json

import pytest

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common import sending
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.list_exports import run_list_export
from apps.tenants.enums import Role
from tests.support.kernel import SYSTEM

LIST, ORDER, ROOM = "/dashboard/memories/", "/dashboard/memories/export/", "/dashboard/exports/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch, settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"
    monkeypatch.setattr(sending.current_app, "send_task", lambda *_, **__: None)


def write(tenant, page):
    run_list_export(tenant_id=tenant.id, export_id=page.split("/")[-2], by=SYSTEM)


def count_events(tenant, action):
    with tenant_scope(tenant.id):
        return AuditEvent.objects.filter(action=action).count()


def test_operator_exports_a_filtered_list(browser, store, tenant):
    first, second = store.add("Ada drinks tea", "Ada swims", metadata={"cup": "blue"})
    store.add("Bob drinks tea", user_id="bob")
    given = {"kind": "user", "entity": "ada", "key": "cup", "value": "blue"}
    assert b"No exports" in browser.get(ROOM).content
    listed = browser.post(LIST, given).content.decode()
    assert "Export as JSON…" in listed
    assert f'action="{ORDER}"' in listed

    page = browser.post(ORDER, given).url
    asked = browser.get(page).content.decode()
    assert "Export 2 memories as JSON" in asked
    assert "removed after 14 days" in asked
    assert count_events(tenant, Action.MEMORY_SEARCH) == 2
    assert b"No exports" in browser.get(ROOM).content
    assert browser.get(f"{page}download/").status_code == 404

    running = browser.post(page, follow=True)
    assert b"every 2s" in running.content
    write(tenant, page)
    part = browser.get(page, headers={"HX-Request": "true", "HX-Target": "work"}).content
    assert b"<html" not in part
    assert b"every 2s" not in part
    assert b"2 of 2" in part
    assert b"drinks" not in browser.get(ROOM).content

    answer = browser.get(f"{page}download/")
    assert answer["Content-Type"] == "application/json"
    document = json.loads(b"".join(answer.streaming_content))
    assert {one["id"]: (one["user"], one["text"]) for one in document["memories"]} == {
        str(first): ("ada", "Ada drinks tea"),
        str(second): ("ada", "Ada swims"),
    }
    assert count_events(tenant, Action.LIST_EXPORT_DOWNLOAD) == 1

    store.delete(second)
    refused = browser.get(f"{page}download/", follow=True).content
    assert b"deleted or restricted since" in refused
    assert b"No exports" in refused
    assert browser.get(page).status_code == 404


def test_export_is_removed_by_hand(browser, store, tenant):
    store.add("Ada drinks tea")
    page = browser.post(ORDER, {}).url
    browser.post(page)
    write(tenant, page)

    assert b"Remove the export" in browser.get(f"{page}remove/").content
    removed = browser.post(f"{page}remove/", follow=True)

    assert b"Export removed" in removed.content
    assert b"No exports" in removed.content


def test_only_lists_are_exported_by_who_may_hand_out_copies(
    browser, sign_in, make_operator, store, settings
):
    *_, gone = store.add("Ada drinks tea", "Ada swims", "Ada sings")
    store.delete(gone)
    editor = sign_in(make_operator("ed@halden.example", role=Role.EDITOR))
    assert b"Export" not in editor.get(LIST).content
    assert editor.post(ORDER, {}).status_code == 403
    for given in ({"q": "tea"}, {"state": "deleted"}):
        assert b"Export as JSON" not in browser.post(LIST, given).content
    assert browser.post(ORDER, {"q": "tea"}).url == LIST
    settings.LIST_EXPORT_LIMIT = 1
    assert b"more than 1 memories" in browser.post(ORDER, {}, follow=True).content
    settings.LIST_EXPORT_LIMIT = 2

    page = browser.post(ORDER, {}).url
    stale = sign_in(make_operator("old@halden.example"), is_recent=False)
    assert stale.post(page).headers["Location"].startswith("/accounts/reauthenticate/")
