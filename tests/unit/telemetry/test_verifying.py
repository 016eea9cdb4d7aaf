"""`find_problems` finds what was changed, and nothing else."""

import hashlib
import json

import pytest

from apps.telemetry.domain.reports import telemetry
from apps.telemetry.domain.sending import send_due
from apps.telemetry.models import SentReport
from apps.telemetry.verifying import find_problems
from tests.support.telemetry import switch_on


@pytest.fixture
def sent(turned_on):
    telemetry.capture_event("start", {"os": "linux"})
    [report] = send_due()
    return report


def rewrite(change):
    """Change the logged body, and the hash with it."""
    report = SentReport.objects.get()
    document = json.loads(bytes(report.body))
    change(document)
    report.body = json.dumps(document).encode()
    report.sha256 = hashlib.sha256(report.body).hexdigest()
    report.save()


def told():
    return [problem.partition(": ")[2] for problem in find_problems()]


def test_what_was_sent_has_no_problems(sent):
    assert find_problems() == []


def test_changed_byte(sent):
    SentReport.objects.update(body=bytes(sent.body) + b" ")

    assert told() == ["the bytes are not those of the hash."]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda body: body.update(host="x"), "fields around the reports not in the catalogue."),
        (lambda body: body.pop("api_key"), "fields around the reports not in the catalogue."),
        (lambda body: body["batch"][0].update(event="x"), "report x not in the catalogue."),
        (
            lambda body: body["batch"][0]["properties"].update(os="zanzibar"),
            "report start not in the catalogue.",
        ),
        (
            lambda body: body["batch"][0]["properties"].update({"$ip": "192.0.2.7"}),
            "report start not in the catalogue.",
        ),
        (lambda body: body["batch"][0].update(token="x"), "a name that must not leave."),
        (lambda body: body.update(batch=7), "the body has another form."),
    ],
)
def test_body_that_the_catalogue_does_not_know(sent, change, problem):
    rewrite(change)

    assert told() == [problem]


def test_body_that_is_no_json(sent):
    body = b"garbage"
    SentReport.objects.update(body=body, sha256=hashlib.sha256(body).hexdigest())

    assert told() == ["the body has another form."]


def test_reports_that_wait_while_off(turned_on):
    telemetry.capture_event("start", {})
    switch_on(is_on=False)

    assert find_problems() == ["Telemetry is off, and 1 reports wait."]
