"""Whatever is stored, named, configured or raised: none of it is in any payload."""

import json
from contextlib import suppress
from datetime import timedelta

from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.operations.domain.telemetry import report_start, report_use
from apps.operations.previews import preview_all
from apps.telemetry.domain.counts import add_counts, report_finished_days
from apps.telemetry.domain.hosts import Calls, HostKey, add_calls
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.domain.sending import send_due
from apps.telemetry.enums import Feature, Place, Purpose
from apps.telemetry.models import OutboxEvent, SentReport
from apps.telemetry.queries import read_state
from apps.telemetry.uses import count_error, uses
from apps.telemetry.verifying import find_problems
from apps.tenants.domain.operators import create_operator
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.enums import Role
from tests.support.kernel import add
from tests.support.telemetry import capture, configured, switch_on, turned_on

__all__ = ["capture", "configured", "turned_on"]

# Long enough that no version, range or random id holds them by chance.
WORDS = st.text("ghijklmnopqrstuvwxyzäöüß日本", min_size=8, max_size=20)
SECRET_SETTINGS = (
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "EMBEDDING_MODEL", "SECRET_KEY", "LEXICAL_LANGUAGE",
)  # fmt: skip


def store(words):
    """Everything that an application or an operator may name."""
    tenant = create_tenant(name=words[0], slug=uuid7().hex, by=SYSTEM)
    create_operator(
        email=f"{uuid7().hex}@{uuid7().hex}.example",
        password=f"{words[1]} a long pass phrase",
        tenant=tenant,
        role=Role.OWNER,
        by=SYSTEM,
    )
    add(tenant, (words[2], words[3]), user=words[4], run=words[5], metadata={words[6]: words[7]})


def configure(words):
    named = zip(SECRET_SETTINGS, words, strict=False)
    values = {name: f"https://{word}.example/{word}" for name, word in named}
    return override_settings(**values, VERSION=f"0.1.0+{words[5]}", EMBEDDER=words[6])


def happen(words):
    """Counts, errors and calls whose names come from outside."""
    uses._since = timezone.now()
    for place in Place:
        count_error(type(words[0], (Exception,), {"__doc__": words[1]}), place)
    uses.count("feature_use", Feature.ADD.value)
    add_counts(uses._take() | {("error", f"{words[2]} {words[3]}"): 1})
    add_calls(
        {HostKey(f"{words[4]}.example", Purpose.EMBEDDINGS, None): Calls(1, 1, timezone.now())}
    )
    for name in ("install", "start", "heartbeat", "error"):
        telemetry.capture_event(name, {"memoryhub_version": words[5]})
        with suppress(ValueError):
            telemetry.capture_event(name, {words[6]: words[7]})
    telemetry.capture_event("error", {"error": words[0], "place": words[1], "count": words[2]})


def payloads(capture):
    """All that could leave, and all that did."""
    report_start()
    report_use()
    shown = json.dumps(preview_all(read_state()), ensure_ascii=False)
    report_finished_days(today=timezone.now().date() + timedelta(days=1))
    waiting = json.dumps(list(OutboxEvent.objects.values("name", "properties")), ensure_ascii=False)
    send_due()
    sent = "".join(json.dumps(one.document, ensure_ascii=False) for one in capture.received)
    logged = "".join(bytes(one.body).decode() for one in SentReport.objects.all())
    assert min(map(len, (shown, waiting, sent, logged))) > 500
    return shown + waiting + sent + logged


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.lists(WORDS, min_size=8, max_size=8, unique=True))
def test_nothing_that_anybody_named_is_in_a_payload(turned_on, capture, words):
    switch_on(is_installed=False, heartbeat_on=None)
    capture.received.clear()
    store(words)
    with configure(words):
        happen(words)

        found = payloads(capture)

    escaped = [json.dumps(word).strip('"') for word in words]
    assert [word for word in (*words, *escaped) if word in found] == []
    assert find_problems() == []


def test_the_same_search_finds_what_does_leave(turned_on, capture):
    telemetry.capture_event("start", {"os": "windows"})

    assert "windows" in payloads(capture)
