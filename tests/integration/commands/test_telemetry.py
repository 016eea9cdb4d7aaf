import json

import pytest

from apps.telemetry.documents import write_catalogue
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.models import OutboxEvent, SentReport, TelemetryState
from tests.integration.commands.run import run, run_process
from tests.support.telemetry import SWITCHES, capture, configured, turned_on

__all__ = ["capture", "configured", "turned_on"]


def answer(*arguments):
    code, out, _ = run("telemetry", *arguments, "--json")
    assert code == 0
    return json.loads(out)


def status():
    return answer("status")


def test_status_before_anybody_decided(db, configured, capture):
    code, out, _ = run("telemetry", "status")
    assert (code, out.splitlines()) == (
        0,
        [
            "Telemetry is off: nobody has turned it on.",
            f"Sends to: {capture.url}",
            "Project key: set, from POSTHOG_PROJECT_KEY",
            "Install id: none; it is made at the first send",
            "Reports that wait: 0; in the log: 0",
        ],
    )
    assert status() == {
        "enabled": False,
        "decided_by": "nobody",
        "destination": capture.url,
        "install_id": None,
    }


def test_on_prints_the_notice_and_reports_at_once(db, configured, capture):
    code, out, _ = run("telemetry", "on")

    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("Telemetry tells the makers of MemoryHub")
    assert lines[-2:] == [
        f"Reports go to {capture.url}.",
        "Telemetry is on: an operator decided so.",
    ]
    assert TelemetryState.objects.get().notice_seen_at
    assert sorted(event.name for event in OutboxEvent.objects.all()) == ["heartbeat", "install"]
    assert (status()["enabled"], status()["decided_by"]) == (True, "operator")


def test_flush_sends_what_is_due_and_status_knows_the_id(db, configured, capture):
    run("telemetry", "on")

    [sent] = answer("flush")

    assert capture.bodies == [sent["body"].encode()]
    assert sent["status"] == 200
    [first, _] = json.loads(sent["body"])["batch"]
    assert first["distinct_id"] == status()["install_id"]
    assert run("telemetry", "flush").out == "Nothing is due.\n"


def test_log_is_the_bytes_as_sent(turned_on, capture):
    assert run("telemetry", "log").out == "Nothing was sent.\n"
    telemetry.capture_event("start", {})
    sent = answer("flush")

    logged = answer("log")

    assert logged == sent
    assert logged[0].keys() == {"at", "status", "sha256", "body"}
    assert [row["body"].encode() for row in logged] == capture.bodies
    text = run("telemetry", "log").out
    assert capture.bodies[0].decode() in text
    assert f"start, {len(capture.bodies[0])} bytes: 200, delivered, SHA-256" in text


def test_flush_that_does_not_arrive_is_a_failure(turned_on, capture):
    capture.answer = 500
    telemetry.capture_event("start", {})

    code, out, err = run("telemetry", "flush")

    assert (code, err) == (1, "The reports did not arrive: 500.")
    assert "500, retried" in out
    assert run("telemetry", "flush").out.startswith("Nothing is due; 1 wait until ")
    assert [row["status"] for row in answer("log")] == [500]


def test_off_empties_the_outbox(turned_on, capture):
    telemetry.capture_event("start", {})

    assert run("telemetry", "off").out == "Telemetry is off: an operator decided so.\n"

    assert OutboxEvent.objects.count() == 0
    assert run("telemetry", "flush").out == "Telemetry is off: an operator decided so.\n"
    assert capture.received == []


def test_preview_is_a_body_for_each_report(turned_on):
    bodies = answer("preview")

    assert list(bodies) == ["install", "start", "heartbeat", "feature_use", "error", "deletion"]
    text = run("telemetry", "preview").out
    assert json.loads(text.partition("# start\n")[0].removeprefix("# install\n")).keys() == {
        "batch", "historical_migration", "sent_at", "api_key",
    }  # fmt: skip


def test_verify(turned_on, capture):
    telemetry.capture_event("start", {})
    run("telemetry", "flush")
    assert run("telemetry", "verify").out == "1 reports are whole, and all in the catalogue.\n"

    SentReport.objects.update(body=b"{}")

    code, out, err = run("telemetry", "verify")
    assert (code, out) == (1, "")
    assert err.endswith(": the bytes are not those of the hash.")
    code, out, _ = run("telemetry", "verify", "--json")
    assert (code, json.loads(out)) == (1, {"reports": 1, "problems": [err]})


def test_catalogue_is_what_the_document_holds():
    assert run("telemetry", "catalogue").out == write_catalogue()


@pytest.mark.parametrize("name", SWITCHES)
def test_on_says_what_is_stronger(db, configured, name):
    configured.TELEMETRY_SWITCHES |= {name: False}

    code, out, _ = run("telemetry", "on")

    assert code == 0
    assert out.splitlines()[-1] == f"Telemetry is off: {name} is set so."
    assert (status()["enabled"], status()["decided_by"]) == (False, name)


def test_without_a_key_on_says_so(db, configured):
    configured.POSTHOG_PROJECT_KEY = None

    assert run("telemetry", "on").out.splitlines()[-1] == (
        "Telemetry is off: POSTHOG_PROJECT_KEY is not set."
    )


def test_secret_key_stands_in_no_status(turned_on, configured):
    configured.POSTHOG_PROJECT_KEY = "phc_zanzibar"

    assert "zanzibar" not in run("telemetry", "status").out


@pytest.mark.parametrize(
    ("variables", "decided_by"),
    [
        ({"DO_NOT_TRACK": "1"}, "DO_NOT_TRACK"),
        ({"DO_NOT_TRACK": "please"}, "DO_NOT_TRACK"),
        ({"DO_NOT_TRACK": "0"}, "nobody"),
        ({"DO_NOT_TRACK": ""}, "nobody"),
        ({"MEMORYHUB_TELEMETRY": "off"}, "MEMORYHUB_TELEMETRY"),
        ({"MEMORYHUB_TELEMETRY": ""}, "MEMORYHUB_TELEMETRY"),
        ({"MEMORYHUB_TELEMETRY": "Yes"}, "nobody"),
        ({"MEM0_TELEMETRY": "false"}, "MEM0_TELEMETRY"),
        ({"MEM0_TELEMETRY_ENABLED": "0"}, "MEM0_TELEMETRY_ENABLED"),
        ({"MEM0_TELEMETRY": "true", "MEM0_TELEMETRY_ENABLED": "on"}, "nobody"),
    ],
)
def test_environment(django_db_setup, variables, decided_by):
    code, out, err = run_process("telemetry", "status", "--json", **variables)

    assert (code, json.loads(out)["decided_by"], err) == (0, decided_by, "")


def test_typo_counts_as_off_and_is_said(django_db_setup):
    code, out, err = run_process("telemetry", "status", "--json", MEMORYHUB_TELEMETRY="treu")

    assert (code, json.loads(out)["decided_by"]) == (0, "MEMORYHUB_TELEMETRY")
    assert err == "MEMORYHUB_TELEMETRY holds no word for on or off. It counts as off.\n"


@pytest.mark.parametrize(
    "host", ["eu.i.posthog.com", "ftp://a.example", "https://ada:secret@a.example", "https://a/?b"]
)
def test_wrong_destination_is_one_line(django_db_setup, host):
    code, out, err = run_process("telemetry", "status", POSTHOG_HOST=host)

    assert (code, out) == (1, "")
    assert err.splitlines()[-1].endswith(
        "POSTHOG_HOST must be an address such as https://host.example."
    )


def test_key_may_stand_in_a_file(django_db_setup, tmp_path):
    path = tmp_path / "key"
    path.write_text("phc_zanzibar\n")

    _, out, _ = run_process("telemetry", "status", POSTHOG_PROJECT_KEY_FILE=str(path))

    assert "Project key: set, from POSTHOG_PROJECT_KEY_FILE\n" in out
    assert "zanzibar" not in out


@pytest.mark.parametrize("arguments", [[], ["explain"], ["on", "off"]])
def test_wrong_usage_is_2(django_db_setup, arguments):
    assert run_process("telemetry", *arguments).code == 2
