"""A worker that is killed in the middle of an erasure or a copy: the next one ends it, counts right.

A Celery worker as it ships, with its clock, on the test database and a broker of its own.
"""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile

import pytest

from apps.common import sending
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory, Vector, Version
from apps.privacy.domain.copies import open_copy
from apps.privacy.models import PrivacyDue, Request
from apps.tenants.domain.tenants import create_tenant
from memoryhub.embedded import valkey
from memoryhub.embedded.layout import PROJECT, prepare
from tests.integration.server import environment
from tests.support.committed import committing
from tests.support.people import plant_person
from tests.support.processes import wait_until
from tests.unit.privacy.subjects import KEY, ask, read

COUNT = 6_000


@pytest.fixture
def tenant(django_db_setup, django_db_blocker, settings, tmp_path, monkeypatch):
    settings.EXPORTS_DIR = tmp_path / "exports"
    monkeypatch.setattr(sending.current_app, "send_task", lambda *_, **__: None)
    with committing(django_db_blocker):
        yield create_tenant(name="Committed Clinic", slug="committed", by=SYSTEM)


@pytest.fixture
def broker(tmp_path_factory):
    layout = prepare(tmp_path_factory.mktemp("broker"))
    process = subprocess.Popen([str(part) for part in valkey.command(layout)])
    try:
        wait_until(valkey.socket(layout).exists)
        yield valkey.url(layout.root)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def start_worker(tenant, broker, settings, tmp_path):
    """Each in a process group of its own, so that a kill takes its children too."""
    started = []

    def start():
        command = [sys.executable, "-m", "celery", "-A", "memoryhub", "worker", "-B"]
        options = ["--schedule", str(tmp_path / "beat"), "--concurrency", "1", "--without-mingle"]
        variables = {"CELERY_BROKER_URL": broker, "EXPORTS_DIR": str(settings.EXPORTS_DIR)}
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command, *options],
                cwd=PROJECT,
                env=environment() | variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def time_passes(tenant):
    """The lease of the dead worker runs out."""
    with tenant_scope(tenant.id):
        Request.objects.update(leased_until=None)
    PrivacyDue.objects.update(at="2026-01-01T00:00Z")


def step(request, name):
    return request.progress.get("steps", {}).get(name, {})


def run_with_a_kill(tenant, request, name, start_worker):
    """Kill the worker once this step has got somewhere; answers the request when it is done."""
    worker = start_worker()
    wait_until(lambda: step(read(tenant, request), name).get("done", 0) > 0)
    kill(worker)
    halfway = read(tenant, request)
    assert (halfway.state, "ended_at" in step(halfway, name)) == ("running", False)
    time_passes(tenant)
    start_worker()
    wait_until(lambda: read(tenant, request).state != "running", seconds=120)
    return read(tenant, request)


def test_erasure_goes_on(tenant, start_worker):
    person = plant_person(tenant, count=COUNT)
    request = ask(tenant, via="api", by=KEY)

    done = run_with_a_kill(tenant, request, "delete", start_worker)

    assert (done.state, done.failure) == ("done", "")
    with tenant_scope(tenant.id):
        assert [model.objects.count() for model in (Memory, Version, Vector)] == [0, 0, 0]
    assert done.subject_id == person
    counts = done.progress["tables"].items()
    assert {label: count for label, count in counts if any(count.values())} == {
        "memories.Memory": {"shredded": COUNT, "deleted": 0},
        "memories.Version": {"shredded": COUNT, "deleted": 0},
        "memories.Vector": {"shredded": 0, "deleted": COUNT},
        "memories.Entity": {"shredded": 1, "deleted": 0},
    }


def test_copy_goes_on(tenant, start_worker):
    plant_person(tenant, count=COUNT)
    request = ask(tenant, "portability", via="api", by=KEY)

    done = run_with_a_kill(tenant, request, "write", start_worker)

    assert (done.state, done.failure) == ("done", "")
    file, _ = open_copy(tenant_id=tenant.id, request_id=request.id, by=SYSTEM)
    package = zipfile.ZipFile(io.BytesIO(io.BufferedReader(file).read()))
    lines = package.read("data/memories.Memory.jsonl").splitlines()
    numbers = [json.loads(line)["metadata"] for line in lines]
    assert len(lines) == COUNT
    assert {one["number"] for one in numbers if one} == set(range(1, COUNT))
