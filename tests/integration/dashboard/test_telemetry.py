"""/dashboard/telemetry/ and what hangs on it"""

import json

import pytest
from django.urls import reverse

from apps.common.ids import uuid7
from apps.operations.previews import preview
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.domain.hosts import Calls, HostKey, add_calls
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.domain.sending import send_due
from apps.telemetry.enums import Purpose
from apps.telemetry.models import OutboxEvent, TelemetryState
from apps.telemetry.queries import read_state
from apps.tenants.enums import Role
from tests.support.telemetry import SWITCHES, capture, configured, switch_on, turned_on
from tests.unit.telemetry.test_outbound import FIRST

__all__ = ["capture", "configured", "turned_on"]

PAGE = "/dashboard/telemetry/"


@pytest.fixture
def page(browser):
    def read(query=""):
        return browser.get(PAGE + query).context["telemetry"]

    return read


@pytest.fixture
def press(browser):
    def send(name, **fields):
        answer = browser.post(reverse(f"dashboard:telemetry-{name}"), fields)
        assert (answer.status_code, answer.url) == (302, PAGE)
        return browser.get(PAGE)

    return send


@pytest.fixture
def sent(turned_on, capture):
    telemetry.capture_event("start", {"os": "linux"})
    [report] = send_due()
    return report


def test_opening_the_page_is_seeing_the_notice(browser, configured):
    assert not TelemetryState.objects.filter(notice_seen_at__isnull=False).exists()

    answer = browser.get(PAGE)

    assert "Telemetry tells the makers of MemoryHub" in answer.content.decode()
    assert TelemetryState.objects.get().notice_seen_at


def test_fresh_page_says_that_nothing_was_recorded(page, configured, capture):
    switch = page().switch

    assert (switch.is_on, switch.sentence) == (
        False,
        "Nobody has turned it on. Nothing was recorded so far, so nothing can be sent later.",
    )
    assert [(line.name, line.value) for line in switch.lines] == [
        *((name, "not set") for name in SWITCHES),
        ("Switch on this page", "never used"),
        ("POSTHOG_PROJECT_KEY", "set, from POSTHOG_PROJECT_KEY"),
    ]
    assert [line.name for line in switch.lines if line.is_deciding] == ["Switch on this page"]
    assert (switch.destination, switch.install_id, switch.waiting) == (capture.url, "", "nothing")


def test_turning_on_and_off(page, press, configured):
    page()
    answer = press("switch", to="on")
    switch = answer.context["telemetry"].switch
    assert (switch.is_on, switch.waiting) == (True, "install, heartbeat")
    assert "ines.moreau turned it on" in switch.sentence
    assert b"<b>On</b>" in answer.content

    answer = press("switch", to="off")
    switch = answer.context["telemetry"].switch
    assert (switch.is_on, switch.waiting) == (False, "nothing")
    assert b"<b>Off</b>" in answer.content
    assert OutboxEvent.objects.count() == 0


def test_decisions_are_listed_from_the_audit_trail(page, press, configured):
    page()
    press("switch", to="on")
    press("rotate")
    press("switch", to="off")

    own = [line.sentence for line in page().decisions if line.actor == "ines.moreau"]
    assert own == [
        "turned telemetry off",
        "made a new install id for telemetry",
        "turned telemetry on",
    ]


def test_on_is_refused_to_who_was_never_shown_the_notice(browser, configured):
    browser.post(reverse("dashboard:telemetry-switch"), {"to": "on"})

    assert not TelemetryState.objects.filter(is_on=True).exists()
    assert b"Read what would be sent first" in browser.get(PAGE).content


@pytest.mark.parametrize("name", SWITCHES)
def test_variable_that_decides_is_marked(page, turned_on, configured, name):
    configured.TELEMETRY_SWITCHES |= {name: False}

    switch = page().switch

    assert switch.sentence == f"Decided by {name} in the environment. This page can't undo that."
    assert [line.name for line in switch.lines if line.is_deciding] == [name]
    assert (switch.is_on, switch.button) == (False, "Turn this page's switch off")


def test_missing_key_decides(page, turned_on, configured):
    configured.POSTHOG_PROJECT_KEY, configured.POSTHOG_PROJECT_KEY_SOURCE = None, ""

    switch = page().switch

    assert switch.sentence.startswith("POSTHOG_PROJECT_KEY is not set")
    assert (switch.lines[-1].value, switch.lines[-1].is_deciding) == ("not set", True)


@pytest.mark.parametrize("name", EVENTS)
def test_payload_is_the_previews_and_each_field_has_a_note(page, turned_on, name):
    shown = page(f"?event={name}").payload

    lines = [line.code for line in shown.lines]
    body = json.loads("\n".join(lines))
    expected = preview(name, read_state())
    expected["batch"][0]["uuid"] = body["batch"][0]["uuid"]
    assert body == expected
    assert [line.code for line in shown.lines if '":' in line.code and not line.note] == []
    assert [tab.label for tab in shown.tabs if tab.is_current] == [name]


def test_bytes_that_are_sent_are_those_of_the_payload(page, turned_on, capture):
    """What the page shows, with the same random id and the time of sending put in."""
    switch_on(install_id=uuid7())
    shown = json.loads(page("?event=deletion&form=bytes").payload.bytes)
    telemetry.capture_event("deletion", {})
    event = OutboxEvent.objects.get()
    send_due()

    [body] = capture.bodies
    sent = json.loads(body)
    shown["batch"][0]["uuid"] = str(event.id)
    shown["sent_at"] = sent["sent_at"]
    assert json.dumps(shown).encode() == body


def test_unknown_event_is_the_heartbeat(page, turned_on):
    assert page("?event=zanzibar").payload.event.name == "heartbeat"


def test_project_key_stands_in_the_payload_and_nowhere_else(browser, sent, configured):
    configured.POSTHOG_PROJECT_KEY = "phc_zanzibar"
    configured.OPENAI_API_KEY = "sk-quetzal"

    content = browser.get(PAGE).content.decode()

    assert "sk-quetzal" not in content
    before, _, rest = content.partition('id="payload"')
    _, _, after = rest.partition("</section>")
    assert "phc_zanzibar" in rest
    assert "phc_zanzibar" not in before + after


def test_what_was_sent_is_listed(page, sent):
    [row] = page().reports

    assert (row.events, row.result, row.state, row.sha256, row.size) == (
        "start", "200, delivered", "done", sent.sha256, len(sent.body),
    )  # fmt: skip


def test_what_was_sent_is_listed_while_off_too(page, sent):
    switch_on(is_on=False)

    assert len(page().reports) == 1


@pytest.mark.parametrize("is_on", [True, False])
def test_log_without_reports_says_so(browser, turned_on, is_on):
    switch_on(is_on=is_on)

    assert b"Nothing was sent" in browser.get(PAGE).content


def test_failure_is_visible(page, turned_on, capture):
    capture.answer = 500
    telemetry.capture_event("start", {})
    send_due()

    shown = page()

    assert [(row.result, row.state) for row in shown.reports] == [
        ("500, will be tried again", "due")
    ]
    assert shown.switch.waiting == "start; tried 1 time"


def test_report_is_shown_byte_for_byte(browser, sent):
    address = reverse("dashboard:telemetry-report", args=[sent.id])

    answer = browser.get(address)
    body = browser.get(address + "body/")

    assert answer.context["report"].body.encode() == sent.body == body.content
    assert sent.sha256 in answer.content.decode()
    assert body["Content-Disposition"] == f'attachment; filename="{sent.id}.json"'


@pytest.mark.parametrize("end", ["", "body/"])
def test_report_that_never_was_is_not_found(browser, turned_on, end):
    assert browser.get(f"{PAGE}sent/{uuid7()}/{end}").status_code == 404


def test_rotation_and_deletion_ask_first(browser, sent):
    assert b"Make a new install id?" in browser.get(f"{PAGE}?ask=rotate").content
    assert b"One last report asks the makers" in browser.get(f"{PAGE}?ask=delete").content
    switch_on(is_on=False)
    assert b"the id is only forgotten here" in browser.get(f"{PAGE}?ask=delete").content


def test_rotation(page, press, sent):
    assert page().switch.install_id

    assert press("rotate").context["telemetry"].switch.install_id == ""


def test_deletion(press, sent, capture):
    switch = press("delete").context["telemetry"].switch
    assert (switch.is_on, switch.is_leaving, switch.waiting) == (True, True, "deletion")

    answer = press("rotate")
    assert b"A deletion of this id is on its way" in answer.content
    send_due()

    assert [event["event"] for event in capture.received[-1].document["batch"]] == ["deletion"]
    assert not TelemetryState.objects.get().is_on


def test_download_has_everything(browser, sent):
    answer = browser.get(f"{PAGE}download/")

    document = json.loads(answer.content)
    assert answer["Content-Disposition"] == 'attachment; filename="memoryhub-telemetry.json"'
    assert document.keys() == {"state", "catalogue", "preview", "waiting", "sent", "hosts"}
    assert [row["body"].encode() for row in document["sent"]] == [sent.body]
    assert document["preview"].keys() == document["catalogue"].keys() == EVENTS.keys()


def test_shell_says_on_or_off(browser, turned_on):
    def finding():
        shell = browser.get("/dashboard/").context["shell"]
        return {proof.label: (proof.state, proof.finding) for proof in shell.proofs()}["Telemetry"]

    assert finding() == ("outside", "on")
    switch_on(is_on=False)
    assert finding() == ("off", "off")


@pytest.mark.parametrize("role", Role)
def test_page_is_for_instance_owners(make_operator, sign_in, turned_on, role):
    client = sign_in(make_operator(role=role))

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}switch/", {"to": "off"}).status_code == 403
    assert TelemetryState.objects.get().is_on


@pytest.mark.parametrize("name", ["switch", "rotate", "delete"])
def test_changes_are_posts(browser, turned_on, name):
    assert browser.get(f"{PAGE}{name}/").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, turned_on, capture, django_assert_num_queries, count):
    for number in range(count):
        telemetry.capture_event("start", {})
        send_due()
        add_calls({HostKey(f"h{number}", Purpose.EMBEDDINGS, None): Calls().add(1, FIRST)})
        telemetry.capture_event("start", {})
        OutboxEvent.objects.update(due_at=FIRST.replace(year=2999))
    browser.get(PAGE)

    with django_assert_num_queries(25):
        browser.get(PAGE)
