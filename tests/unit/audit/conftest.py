"""A sealed trail that is really committed, and a superuser who can change it."""

from contextlib import suppress

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import errors
from psycopg.conninfo import make_conninfo

from tests.support import sentinel
from tests.support.trails import Trail


@pytest.fixture
def trail(tenant):
    return Trail.of(tenant)


@pytest.fixture
def sealed(committed_tenant):
    return Trail.of(committed_tenant).fill()


@pytest.fixture
def superuser(committed_tenant):
    """Runs statements past grants, row-level security and triggers, on this tenant's rows."""
    name = connections["default"].settings_dict["NAME"]
    address = make_conninfo(settings.DATABASE_ADDRESSES[1], dbname=name)
    with psycopg.connect(address, autocommit=True) as connection:
        with suppress(errors.InsufficientPrivilege):  # an outside server's owner passes anyway
            connection.execute("SET session_replication_role = replica")

        def run(sql, **values):
            with sentinel.off("attacks"):
                return connection.execute(sql, {"tenant": committed_tenant.id} | values)

        yield run
