"""/dashboard/playground/"""

import json
import shlex

import pytest

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.tenants.enums import Role

URL = "/dashboard/playground/"


def test_empty_page_offers_examples(browser, tenant):
    page = browser.get(URL).content.decode()

    assert "Nothing said yet" in page
    assert page.count('name="example"') == 3
    assert "There is a problem" not in page


def test_what_is_added_can_be_recalled(browser, tenant):
    first = browser.post(URL, {"act": "add", "user": "ada", "text": "I drink tea."})
    again = browser.post(URL, {"act": "add", "user": "ada", "text": "I drink tea."})
    found = browser.post(URL, {"act": "recall", "user": "ada", "text": "What do I drink?"})

    assert first.context["exchange"].answer.startswith("Kept as memory")
    assert again.context["exchange"].answer.startswith("Known already, as memory")
    shown = browser.post(f"{URL}reveal/", {"user": "ada", "text": "What do I drink?"})
    assert [row.text.state for row in found.context["exchange"].rows] == ["hidden"]
    assert b"I drink tea." not in found.content
    assert [row.text.words for row in shown.context["exchange"].rows] == ["I drink tea."]
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(actor_kind="operator", action__startswith="memory")
        assert [event.action for event in events.order_by("id")] == [
            Action.MEMORY_ADD,
            Action.MEMORY_ADD,
            Action.MEMORY_SEARCH,
            Action.MEMORY_SEARCH,
            Action.MEMORY_READ,
        ]


def test_reveal_needs_a_recent_sign_in(store, make_operator, sign_in):
    store.add("I like tea.")
    stale = sign_in(make_operator(), is_recent=False)

    answer = stale.post(f"{URL}reveal/", {"user": "ada", "text": "tea"})

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert stale.get(f"{URL}reveal/").headers["Location"] == URL


def test_examples(browser, tenant):
    browser.post(URL, {"user": "playground", "example": "0"})
    found = browser.post(URL, {"user": "playground", "example": "2"})

    assert found.context["exchange"].answer.startswith("1 memory of 1")


def test_code_is_the_request_and_holds_no_key(browser, store):
    text = """It's "my" tea"""
    answer = browser.post(URL, {"act": "add", "user": "ada", "text": text})

    curl, python, script = answer.context["exchange"].codes
    words = shlex.split(curl.lines.replace("\\\n", ""))
    assert words[1] == "http://testserver/v3/memories/add/"
    assert json.loads(words[-1]) == {
        "messages": [{"role": "user", "content": text}],
        "user_id": "ada",
        "infer": False,
    }
    compile(python.lines, "python", "exec")
    assert 'os.environ["MEMORYHUB_API_KEY"]' in python.lines
    assert "process.env.MEMORYHUB_API_KEY" in script.lines
    assert "mhk_" not in answer.content.decode()


def test_code_of_a_recall(browser, tenant):
    answer = browser.post(URL, {"act": "recall", "user": "ada", "text": "tea?"})

    curl, python, _ = answer.context["exchange"].codes
    words = shlex.split(curl.lines.replace("\\\n", ""))
    assert json.loads(words[-1]) == {"query": "tea?", "filters": {"user_id": "ada"}}
    assert python.lines.endswith('client.search("tea?", filters={"user_id": "ada"})')
    assert answer.context["exchange"].answer == "Nothing is kept for this user"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"user": "", "text": "x"}, "Name the user whose memory it is"),
        ({"user": "ada", "text": " "}, "Write something, or choose an example"),
    ],
)
def test_wrong_input_adds_nothing(browser, tenant, form, error):
    answer = browser.post(URL, form | {"act": "add"})

    assert error in answer.content.decode()
    assert answer.context["exchange"] is None


def test_htmx_gets_the_exchange_and_the_code(browser, tenant):
    headers = {"HX-Request": "true", "HX-Target": "talk"}
    page = browser.post(URL, {"act": "add", "user": "ada", "text": "I drink tea."}, headers=headers)

    text = page.content.decode()
    assert "<html" not in text
    assert 'id="codes" hx-swap-oob="true"' in text


def test_viewer_is_refused(make_operator, sign_in):
    assert sign_in(make_operator(role=Role.VIEWER)).get(URL).status_code == 403
