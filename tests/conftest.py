"""The database of the tests: migrated by the owner's role, served by the application's."""

import math
import os

import pytest
from django.conf import settings
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings

if os.environ.get("MEMORYHUB_REQUIRE_ALL") == "1":
    hypothesis_settings.load_profile("ci")  # the same examples in every run

from apps.common import ids
from tests.support import alarms, outgoing, sentinel

sentinel.install()
outgoing.install()


def pytest_xdist_auto_num_workers():
    """One more than there are cores: many tests wait for servers that start and stop."""
    return len(os.sched_getaffinity(0)) + 1


LONGEST = "test_pages_of_an_instance_owner"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What is committed for a running server stays: its tests come after all others.

    Those with a browser are the longest: last, as the rest is dealt out to the workers in ever
    smaller shares, and in the middle of it one worker would be given them all.
    """
    items.sort(
        key=lambda item: (
            "server" in item.fixturenames,
            "chromium" in item.fixturenames,
            item.name != LONGEST,  # else it ends when the other workers have long been idle
        )
    )


@pytest.fixture(autouse=True)
def no_alarms():
    """Three things hold for every test: see `sentinel` and `outgoing`."""
    alarms.heard.clear()
    yield
    assert alarms.heard == []


@pytest.fixture(autouse=True)
def ids_of_now(monkeypatch):
    """Ids never go back in time: those of a test that travelled must not set the later ones."""
    monkeypatch.setattr(ids, "_last_stamp", ids._last_stamp)


@pytest.fixture(autouse=True)
def counts_unwritten(monkeypatch):
    """Else now and then an answer would be followed by statements that a test counts."""
    from apps.memories.usage import usage
    from apps.operations.receivers import clock

    monkeypatch.setattr(clock, "next_writing", math.inf)
    usage.take()


IS_POOLED = os.environ.get("MEMORYHUB_TEST_POOLED") == "1"  # by PgBouncer: see test_pgbouncer.py
if IS_POOLED:
    from tests.support.committed import db  # noqa: F401 - takes the place of pytest-django's


@pytest.fixture
def attacks():
    """For what attacks row-level security on purpose, with statements that would sound an alarm."""
    with sentinel.off("attacks"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """pytest-django would make only `default`, which is a mirror of what the owner makes."""
    with django_db_blocker.unblock(), sentinel.off("migrations"):
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    with django_db_blocker.unblock():
        prepare_instance_tenant()
    yield
    with django_db_blocker.unblock():
        close_pools()
        teardown_databases(made, verbosity=0, keepdb=IS_POOLED)  # the pooler is still in it


def prepare_instance_tenant():
    """The instance's own tenant with its secrets, as the first start makes them."""
    from apps.common.actor import SYSTEM
    from apps.keys.master import make_master_key
    from apps.memories.domain.embedding_models import choose_model
    from apps.tenants.domain.tenants import create_instance_tenant

    make_master_key()
    create_instance_tenant(by=SYSTEM)
    choose_model()


def close_pools():
    """A test database can't be dropped while the pool holds connections to it."""
    from django.db import connections

    for connection in connections.all():
        connection.close()
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close_pool()


@pytest.fixture(scope="session", autouse=True)
def plain_static_files():
    """Tests need no collected files with hashes in their names; others collect them meanwhile."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"] = {"BACKEND": backend}
    settings.STATIC_ROOT = None


@pytest.fixture(scope="session", autouse=True)
def quick_passwords():
    """A third of a second each would be most of what many tests take."""
    settings.PASSWORD_HASHERS = ["tests.support.passwords.QuickHasher"]


@pytest.fixture(autouse=True)
def empty_counters():
    """What a process has counted is written after a later answer, which may be another test's."""
    from apps.telemetry.outbound import ledger
    from apps.telemetry.uses import uses

    yield
    for counter in (ledger, uses):
        counter.__init__()


@pytest.fixture
def cold_keys(monkeypatch):
    """As in a process that has just started: no key is known yet."""
    from apps.keys import master, wrapping

    monkeypatch.setattr(wrapping, "_cache", {})
    master.master_keys.cache_clear()
    yield
    master.master_keys.cache_clear()
