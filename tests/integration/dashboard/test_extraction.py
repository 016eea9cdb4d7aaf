"""/dashboard/extraction/: settings, the switch of hosts, and the box to try it"""

import pytest

from apps.tenants.enums import Role
from apps.tenants.models import Tenant
from tests.support import chat, jobs

ROOM = "/dashboard/extraction/"


@pytest.fixture
def model(settings):
    settings.OPENAI_API_KEY = "sk-very-secret"
    with (
        chat.chat_host() as host,
        jobs.extractor(settings, "openai", EXTRACTION_MODEL="tiny", OPENAI_BASE_URL=host.url),
    ):
        yield host


def page(browser):
    answer = browser.get(ROOM)
    assert answer.status_code == 200
    return answer.content.decode()


def test_settings_are_shown_without_the_key(browser, model):
    shown = page(browser)

    assert "tiny" in shown
    assert model.url.split("/")[2] in shown
    assert "sk-very-secret" not in shown


def test_tokens_of_today_are_counted(browser, tenant, other_tenant, model):
    model.otherwise = chat.say(chat.statement("I drink tea."))
    for each in (tenant, other_tenant):
        jobs.infer(each, "I drink tea.")

    context = browser.get(ROOM).context

    assert (context["asked"], context["answered"]) == (100, 20)


def test_hosts_outside_are_forbidden_and_allowed(browser, tenant):
    for outside, expected in (("forbidden", True), ("nonsense", True), ("allowed", False)):
        browser.post(f"{ROOM}hosts/", {"outside": outside})
        assert Tenant.objects.get(id=tenant.id).forbids_outside_hosts is expected


def test_text_is_tried_and_nothing_kept(browser, tenant, model):
    model.otherwise = chat.say(chat.statement("The user drinks tea."))

    shown = browser.post(f"{ROOM}try/", {"text": "I drink tea."}).content.decode()

    assert "The user drinks tea." in shown
    assert "120 tokens" in shown
    assert jobs.current(tenant) == []


def test_failure_of_the_model_is_said(browser, model):
    model.otherwise = chat.fail(401)

    shown = browser.post(f"{ROOM}try/", {"text": "I drink tea."}).content.decode()

    assert "refused the key" in shown
    assert "the host quotes" not in shown


def test_officer_sees_and_does_not_change(make_operator, sign_in, model):
    officer = sign_in(make_operator(role=Role.PRIVACY_OFFICER))

    assert "Hosts outside are allowed." in page(officer)
    for part in ("hosts/", "try/"):
        assert officer.post(f"{ROOM}{part}", {"outside": "forbidden"}).status_code == 403
