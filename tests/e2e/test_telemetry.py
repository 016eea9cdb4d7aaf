"""An instance owner reads what would be sent, turns telemetry on, reads what was, turns it off."""

import json
import uuid

import pytest

from apps.common.actor import SYSTEM
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from tests.e2e.conftest import PASSWORD
from tests.integration.commands.run import run_process
from tests.integration.server import make_server, serve
from tests.support.capture import capturing
from tests.support.telemetry import forget_telemetry

pytestmark = pytest.mark.needs("Chromium")


@pytest.fixture(scope="module")
def posthog():
    with capturing() as capture:
        yield capture


@pytest.fixture(scope="module")
def variables(posthog):
    return {"POSTHOG_PROJECT_KEY": "phc_test", "POSTHOG_HOST": posthog.url}


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory, variables):
    """One whose environment leaves telemetry to its owner."""
    log = tmp_path_factory.mktemp("server") / "log"
    with django_db_blocker.unblock(), serve(log, **variables) as url:
        forget_telemetry()
        yield make_server(url, django_db_blocker)
        forget_telemetry()


@pytest.fixture
def email(server):
    email = f"owner-{uuid.uuid4().hex[:8]}@halden.example"
    given = {"password": PASSWORD, "tenant": server.tenant, "role": Role.OWNER, "by": SYSTEM}
    with server.blocker.unblock():
        create_operator(email=email, is_instance_owner=True, **given)
    return email


def read_payload(page):
    return json.loads("".join(page.locator(".notes code").all_text_contents()))


def test_owner_reads_the_payload_turns_on_and_off(watched, sign_in, posthog, variables):
    page = watched.page
    sign_in(page)
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Telemetry").click()
    page.get_by_role("heading", name="Telemetry", exact=True).wait_for()
    state = page.locator("#state")
    assert "Nobody has turned it on" in state.inner_text()
    shown = read_payload(page)
    assert [event["event"] for event in shown["batch"]] == ["heartbeat"]

    state.get_by_role("button", name="Turn telemetry on").click()
    state.get_by_role("button", name="Turn telemetry off").wait_for()
    assert "install, heartbeat" in state.inner_text()
    assert run_process("telemetry", "flush", **variables).code == 0
    page.reload()
    page.locator("#sent").get_by_text("200, delivered").wait_for()
    page.locator("#sent tbody a").first.click()
    page.get_by_role("heading", name="Report of").wait_for()
    [body] = posthog.bodies
    assert page.locator("pre.bytes").text_content().encode() == body
    sent = json.loads(body)["batch"][1]
    assert sent["properties"] == shown["batch"][0]["properties"]

    page.go_back()
    state.get_by_role("button", name="Turn telemetry off").click()
    state.get_by_role("button", name="Turn telemetry on").wait_for()
    assert "turned it off" in state.inner_text()
    decisions = page.locator("section", has=page.get_by_role("heading", name="Who decided"))
    name = sign_in_name(page)
    lines = decisions.locator("li", has_text=name).all_inner_texts()
    assert [" ".join(line.split()[1:]) for line in lines] == [
        f"{name} turned telemetry off",
        f"{name} turned telemetry on",
    ]
    assert len(posthog.received) == 1
    assert watched.complaints == []


def sign_in_name(page):
    label = page.locator(".account").get_attribute("aria-label")
    return label.removeprefix("Account of ").partition("@")[0]


def test_payload_by_tabs_and_bytes(watched, sign_in):
    page = watched.page
    sign_in(page)
    page.goto("/dashboard/telemetry/")

    page.locator(".tabs").get_by_role("link", name="feature_use").click()
    page.locator(".tabs [aria-current]", has_text="feature_use").wait_for()
    shown = read_payload(page)
    page.get_by_role("link", name="Bytes").click()
    page.locator("pre.bytes").wait_for()

    body = json.loads(page.locator("pre.bytes").text_content())
    assert body["batch"][0]["properties"] == shown["batch"][0]["properties"]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert watched.complaints == []


def test_without_script(chromium, server, sign_in):
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto("/dashboard/telemetry/")

    page.get_by_role("button", name="Turn telemetry on").click()
    page.get_by_role("link", name="Make a new id…").click()
    page.get_by_role("button", name="Make a new id").click()
    page.get_by_role("link", name="Delete my data…").click()
    page.get_by_role("button", name="Delete my data").click()

    page.get_by_role("button", name="Turn telemetry on").wait_for()
    context.close()
