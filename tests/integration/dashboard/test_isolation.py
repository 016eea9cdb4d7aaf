"""GET /dashboard/isolation/, POST /dashboard/isolation/prove/"""

import dataclasses

import pytest

from apps.audit.models import AuditEvent
from apps.dashboard.views import isolation as views
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.operations.models import IsolationProof
from apps.operations.proof.statements import hold_lock
from apps.operations.proof.sweep import ATTACKS
from apps.tenants.enums import Role
from tests.support.canaries import canaries, prove
from tests.support.kernel import tenant_models

pytestmark = pytest.mark.usefixtures("attacks")

PAGE, RUN = "/dashboard/isolation/", "/dashboard/isolation/prove/"


def shown(browser):
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return answer.context["isolation"], answer.content.decode()


def sidebar(browser, address="/dashboard/"):
    [proof] = [
        proof
        for proof in browser.get(address).context["shell"].proofs()
        if proof.label == "Isolation"
    ]
    return proof.state, proof.finding, proof.href


@pytest.fixture
def alter(monkeypatch):
    """What PostgreSQL's catalogue says, changed."""

    def alter(name, **fields):
        read = getattr(views, name)
        if name == "read_role":
            monkeypatch.setattr(views, name, lambda: dataclasses.replace(read(), **fields))
        else:
            first, *others = read()
            changed = [dataclasses.replace(first, **fields), *others]
            monkeypatch.setattr(views, name, lambda: changed)

    return alter


def test_nothing_is_proved_at_first(browser):
    page, html = shown(browser)

    assert page.proof is None
    assert "Not proved yet" in html
    assert f'action="{RUN}"' in html
    assert sidebar(browser) == ("off", "not proved yet", PAGE)


def test_role_and_tables_are_read_now(browser):
    page, html = shown(browser)

    assert (page.role.name, page.role_state, page.faults) == ("memoryhub_app", "done", ())
    assert [row.name for row in page.tables] == sorted(
        model._meta.db_table.replace('"', "") for model in tenant_models()
    )
    assert {(row.state, row.word, row.primary_key) for row in page.tables} == {
        ("done", "forced", "tenant_id, id")
    }
    assert "manage.py isolation_prove" in html
    assert "Grants bind the application only." not in html


def test_proof_runs_by_the_button_and_is_the_operators(browser):
    answer = browser.post(RUN)

    assert (answer.status_code, answer.url) == (302, PAGE)
    page, html = shown(browser)
    assert page.proof.sentence == f"{len(ATTACKS)} attacks, none reached another tenant's rows"
    assert f"{len(ATTACKS)} attacks, none reached another tenant&#x27;s rows" in html
    assert [figure.value for figure in page.proof.figures] == [
        f"{count} of {count}" for count in (19, 14, 1, 12, 10)
    ]
    [proof] = IsolationProof.objects.all()
    with tenant_scope(INSTANCE_TENANT_ID):
        event = AuditEvent.objects.get(action="isolation.prove")
        assert (event.actor_kind, event.target_id) == ("operator", proof.id)


def test_every_attack_stands_on_the_page(browser):
    proof = prove()

    page, _ = shown(browser)

    rows = [row for group in page.proof.groups for row in group.rows]
    assert sorted(row.name for row in rows) == sorted(
        attack["name"] for attack in proof.report["attacks"]
    )
    assert {(row.state, row.word) for row in rows} == {("done", "held"), ("done", "passed")}


def test_what_was_not_held_stands_first(browser):
    proof = prove()
    wrong = [attack for attack in proof.report["attacks"] if attack["wall"] == "API"][3]
    wrong |= {"ok": False, "detail": "1 row got through"}
    proof.is_ok, proof.failures = False, 1
    proof.save()

    page, html = shown(browser)

    first = page.proof.groups[0]
    assert (first.heading, first.rows[0].name) == ("API", wrong["name"])
    assert (first.rows[0].state, first.rows[0].word) == ("failed", "not held")
    assert [figure.note for figure in page.proof.figures] == ["attacks held"] * 4 + ["1 not held"]
    assert "<b>Not proved</b>" in html
    assert sidebar(browser)[0] == "failed"


def test_table_that_was_opened_since_the_proof_is_a_danger(browser, alter):
    prove()
    alter("read_tables", is_forced=False)

    page, html = shown(browser)

    assert page.proof.is_ok
    assert page.faults == (f"{page.tables[0].name}: row-level security not enabled and forced",)
    assert page.tables[0].state == "failed"
    assert "The database does not keep tenants apart by itself." in html


def test_role_without_bounds_is_a_danger(browser, alter):
    alter("read_role", is_superuser=True)

    page, _ = shown(browser)

    assert page.faults == ("The serving role memoryhub_app is a superuser, or can become one",)
    assert (page.role_state, page.role_word) == ("failed", "not bound by the policies")


def test_one_login_for_everything_is_said(browser, alter):
    alter("read_role", login="the_only_one")

    page, html = shown(browser)

    assert (page.faults, page.role_state) == ((), "done")
    assert "Grants bind the application only." in html


def test_second_proof_at_once_is_told(browser):
    with hold_lock():
        answer = browser.post(RUN, follow=True)

    assert "A proof is running on this database. Wait for its end." in answer.content.decode()
    assert not IsolationProof.objects.exists()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "address"), [("get", PAGE), ("post", RUN)])
def test_it_is_for_instance_owners(make_operator, sign_in, role, method, address):
    browser = sign_in(make_operator(role=role))

    assert getattr(browser, method)(address).status_code == 403
    assert not IsolationProof.objects.exists()


def test_others_see_the_state_without_a_link(make_operator, sign_in):
    proof = prove()

    state = sidebar(sign_in(make_operator(role=Role.VIEWER)))

    assert state == ("done", f"proved {proof.proved_at.day} {proof.proved_at:%b}", "")


def test_page_runs_nothing_by_a_link(browser):
    assert browser.get(RUN).status_code == 405
    assert not IsolationProof.objects.exists()


def test_canaries_stand_in_no_page(browser, store):
    store.add("I like tea.")
    prove()

    pages = [
        browser.get(address).content.decode()
        for address in ("/dashboard/", "/dashboard/entities/user/", "/dashboard/entities/agent/")
    ]
    pages.append(browser.post("/dashboard/find/", {"q": "canary"}).content.decode())

    assert "ada" in pages[1]
    assert [page for page in pages if "canary" in page.replace('value="canary"', "")] == []
    assert browser.post("/dashboard/tenant/", {"tenant": str(canaries()[0].id)}).status_code == 302
    assert browser.get("/dashboard/").context["shell"].tenant == "Harbour Clinic"


def test_statements(browser, django_assert_num_queries):
    prove()
    browser.get(PAGE)

    with django_assert_num_queries(12):
        browser.get(PAGE)
