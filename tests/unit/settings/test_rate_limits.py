"""Where requests are counted: each broker that can be named serves with limits."""

import os
import subprocess
import sys

import pytest

from memoryhub.embedded import valkey
from memoryhub.embedded.layout import PROJECT, Layout


@pytest.mark.parametrize(
    ("broker", "counter"),
    [
        (None, "unix://{socket}"),
        ("redis+socket:///run/valkey.sock", "unix:///run/valkey.sock"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("rediss://127.0.0.1:6379/0", "rediss://127.0.0.1:6379/0"),
        ("amqp://127.0.0.1//", ""),
        ("memory://", ""),
    ],
)
def test_requests_are_counted_in_the_broker_or_the_database(tmp_path, broker, counter):
    variables = {"CELERY_BROKER_URL": broker} if broker else {}
    printed = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.RATE_LIMIT_URL)"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "memoryhub.settings",
            "MEMORYHUB_DATA_DIR": str(tmp_path),
            "RATE_LIMIT_PER_KEY": "5",
            "RATE_LIMIT_PER_TENANT": "50",
            **variables,
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert printed == counter.format(socket=valkey.socket(Layout(tmp_path)))
