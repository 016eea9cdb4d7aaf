"""With telemetry off by any switch, nothing reaches outside: no client, thread, socket or lookup."""

import json
import subprocess
import sys
import uuid

import pytest

from apps.common.actor import SYSTEM
from apps.telemetry.models import OutboxEvent, SentReport, Tally
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant
from memoryhub.embedded.layout import PROJECT
from tests.integration.server import environment
from tests.support.committed import committing
from tests.support.telemetry import forget_telemetry, switch_on

NOTHING = {"sockets": [], "lookups": [], "threads": [], "posthog": False}
READY = {"POSTHOG_PROJECT_KEY": "phc_test", "POSTHOG_HOST": "https://posthog.invalid"}


@pytest.fixture(scope="module")
def key(django_db_setup, django_db_blocker):
    with committing(django_db_blocker):
        slug = f"life-{uuid.uuid4().hex[:8]}"
        tenant = create_tenant(name="Life", slug=slug, by=SYSTEM)
        yield create_api_key(tenant=tenant, name="test", by=SYSTEM)[1]


@pytest.fixture
def database(django_db_setup, django_db_blocker):
    """Telemetry's rows as other processes see them."""
    with django_db_blocker.unblock():
        forget_telemetry()
        yield
        forget_telemetry()


def live(key, *options, **variables):
    """What the guards saw in a whole life with this environment."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.integration.watched_life", key, *options],
        check=False,
        cwd=PROJECT,
        env=environment() | READY | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


def kept():
    return [model.objects.count() for model in (OutboxEvent, SentReport, Tally)]


@pytest.mark.parametrize(
    "variables",
    [
        {"DO_NOT_TRACK": "1"},
        {"MEMORYHUB_TELEMETRY": "off"},
        {"MEMORYHUB_TELEMETRY": "onn"},
        {"MEM0_TELEMETRY": "false"},
        {"MEM0_TELEMETRY_ENABLED": "0"},
        {"POSTHOG_PROJECT_KEY": ""},
    ],
    ids=lambda variables: "=".join(*variables.items()),
)
def test_environment_keeps_it_off(key, database, variables):
    switch_on()

    assert live(key, **variables) == NOTHING
    assert kept() == [0, 0, 0]


def test_switch_on_the_page_keeps_it_off(key, database):
    switch_on(is_on=False)

    assert live(key) == NOTHING
    assert kept() == [0, 0, 0]


def test_until_somebody_decides_it_is_off(key, database):
    assert live(key) == NOTHING
    assert kept() == [0, 0, 0]


def test_on_makes_the_guards_fire(key, database):
    switch_on()

    assert live(key) == {
        "sockets": [],
        "lookups": ["posthog.invalid"],
        "threads": [],
        "posthog": True,
    }
    waiting, sent, _ = kept()
    assert (waiting, sent) == (3, 1)
    assert SentReport.objects.get().failure == "no_answer"


def test_guards_see_what_there_is_to_see(key, database):
    assert live(key, "try", DO_NOT_TRACK="1") == {
        "sockets": ["192.0.2.1"],
        "lookups": ["zanzibar.invalid"],
        "threads": ["tried"],
        "posthog": False,
    }
