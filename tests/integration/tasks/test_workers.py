"""Workers, brokers and database connections die while jobs run: each job is done, and once."""

import os
from collections import Counter

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.queue import put_off
from apps.memories.enums import UNFINISHED
from apps.memories.models import Job, JobDue, Memory, Vector, Version
from apps.tenants.domain.tenants import create_tenant
from tests.support import chat, jobs, workers
from tests.support.committed import committing
from tests.support.processes import wait_until

JOBS = int(os.environ.get("MEMORYHUB_TEST_JOBS", "32"))  # 1000 for the full trial
USERS = 8
EACH = JOBS // USERS
SECONDS = 90 + JOBS  # only keeps a broken run from hanging


@pytest.fixture
def tenant(django_db_setup, django_db_blocker):
    with committing(django_db_blocker):
        yield create_tenant(name="Committed Clinic", slug="committed", by=SYSTEM)


@pytest.fixture
def host():
    with chat.chat_host() as host:
        host.otherwise = workers.echo(0.1)
        yield host


@pytest.fixture(params=["embedded", pytest.param("Redis", marks=pytest.mark.needs("Redis"))])
def broker(request, tmp_path):
    process, url = workers.start_broker(tmp_path, request.param)
    process.url = url
    yield process
    process.kill()


@pytest.fixture
def worker(tmp_path, broker, host, tenant):
    worker = workers.start_worker(
        tmp_path,
        broker.url,
        EXTRACTION_MODEL="tiny",
        OPENAI_BASE_URL=host.url,
        EXTRACTION_TIMEOUT="1",
    )
    yield worker
    worker.kill()


def count_ended(tenant):
    with tenant_scope(tenant.id):
        return Job.objects.exclude(state__in=UNFINISHED).count()


def wait_for(tenant, worker, ended):
    def is_there():
        worker.tend()  # it gives up where the broker goes away at the wrong moment
        return count_ended(tenant) >= ended

    wait_until(is_there, seconds=SECONDS)


def hurry():
    """As if the time had passed after which the sweeper sends a job again."""
    with transaction.atomic():
        put_off(JobDue.objects.values_list("item_id", flat=True), "2026-01-01T00:00:00Z")


def cut_connections():
    """As a restart of the database does."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(settings.DATABASE_ADDRESSES[1], autocommit=True) as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )
    for each in connections.all():
        each.close()
    connection.pool.check()


def test_nothing_is_lost_or_done_twice(tenant, broker, worker):
    said = [f"User {n} says {k}." for k in range(EACH) for n in range(USERS)]
    for k in range(EACH):
        for n in range(USERS):
            jobs.accept(tenant, f"User {n} says {k}.", user=f"user {n}")
    hurry()

    for share, disturb in enumerate((worker.restart, broker.restart, cut_connections), start=1):
        wait_for(tenant, worker, len(said) * share // 4)
        disturb()
        hurry()
    wait_for(tenant, worker, len(said))

    with tenant_scope(tenant.id):
        found = [row.text for row in Memory.objects.current()]
        assert Counter(found) == Counter(said)
        assert Counter(Job.objects.values_list("state", flat=True)) == {"SUCCEEDED": len(said)}
        assert (Version.objects.count(), Vector.objects.count()) == (len(said), len(said))
        for n in range(USERS):
            mine = [text for text in in_order(tenant) if text.startswith(f"User {n} ")]
            assert mine == [f"User {n} says {k}." for k in range(EACH)]
    assert JobDue.objects.count() == 0


def in_order(tenant):
    return [row.text for row in Memory.objects.order_by("id")]
