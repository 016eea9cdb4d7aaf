"""The person's link: exchanged once for a cookie, then a page without anything in its address."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from apps.privacy.domain.particulars import Said
from apps.privacy.models import SubjectLink
from tests.unit.privacy.subjects import KEY, ask, handle, run


@pytest.fixture(autouse=True)
def folder(db, settings, tmp_path):
    from django.core.cache import cache  # in the module pytest would look at it too early

    settings.EXPORTS_DIR = tmp_path
    cache.clear()


@pytest.fixture
def request_(tenant, store):
    store.add("Ada drinks tea")
    handle(tenant, said=Said(controller="Harbour Clinic Ltd"))
    return ask(tenant, "access", via="api", by=KEY)


@pytest.fixture
def link(browser, request_):
    """As the operator sees it, once."""

    def link():
        answer = browser.post(f"/dashboard/requests/{request_.id}/link/")
        return re.search(rb"http://testserver(/person/[\w-]+/)", answer.content)[1].decode()

    return link


def test_person_sees_the_state_and_downloads_the_copy(tenant, request_, link):
    person, path = Client(), link()

    assert b"works once" in person.get(path).content
    entered = person.post(path)
    assert (entered.status_code, entered["Location"]) == (302, "/person/")
    cookie = entered.cookies["person"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/person/")
    shown = person.get("/person/")
    assert b"running" in shown.content
    assert b"Harbour Clinic Ltd" in shown.content
    assert b"Download copy" not in shown.content
    assert shown["Cache-Control"] == "no-store"
    run(tenant, request_)

    assert b"Download copy" in person.get("/person/").content
    assert b"".join(person.get("/person/copy/").streaming_content)[:2] == b"PK"


def test_link_works_once(link):
    path = link()
    Client().post(path)

    for method in ("get", "post"):
        assert getattr(Client(), method)(path).status_code == 404
    assert Client().get("/person/").status_code == 404


def test_opening_the_link_does_not_use_it(link):
    path = link()
    for _ in range(3):
        assert Client().get(path).status_code == 200

    assert Client().post(path).status_code == 302


def test_new_link_ends_the_one_before(link):
    first, second = link(), link()

    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_link_and_cookie_end(link):
    path, person = link(), Client()
    person.post(path)

    with travel(timezone.now() + timedelta(days=15)):
        assert person.get("/person/").status_code == 404
        assert person.get("/person/copy/").status_code == 404


def test_neither_token_nor_cookie_is_kept(link):
    path, person = link(), Client()
    token = path.split("/")[2]
    cookie = person.post(path).cookies["person"].value

    [row] = SubjectLink.objects.values_list("token_hash", "cookie_hash")
    kept = b"".join(map(bytes, row))
    assert len(kept) == 64
    assert token.encode() not in kept
    assert cookie.encode() not in kept


def test_guessing_is_slowed_down(db):
    answers = [Client().get("/person/guessed/").status_code for _ in range(32)]

    assert answers == [404] * 30 + [429] * 2


def test_another_tenants_request_gets_no_link(browser, other_tenant):
    theirs = ask(other_tenant, "access")

    assert browser.post(f"/dashboard/requests/{theirs.id}/link/").status_code == 404
