"""A sealed trail that is really committed, and a superuser who can change it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import errors
from psycopg.conninfo import make_conninfo

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.sealing import seal_tenant
from apps.audit.domain.signing import Signer, read_public_keys, read_signer
from apps.audit.domain.verification import verify_trail
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from tests.support import sentinel


@dataclass
class Trail:
    """One tenant's trail: writes to it, seals it, and says what verification finds."""

    tenant: Any
    signer: Signer

    def write(self, count=1, **fields):
        with tenant_scope(self.tenant.id):
            return [record(Action.LOGOUT, by=SYSTEM, **fields) for _ in range(count)]

    def seal(self):
        return seal_tenant(tenant_id=self.tenant.id, signer=self.signer, by=SYSTEM)

    def verify(self, **fields):
        return verify_trail(tenant_id=self.tenant.id, keys=read_public_keys(), **fields)

    def problems(self, **fields):
        """(sequence, kind) of each."""
        found = self.verify(**fields).problems
        return [(problem.sequence, str(problem.kind)) for problem in found]


@pytest.fixture
def trail(tenant):
    return Trail(tenant, read_signer(by=SYSTEM))


@pytest.fixture
def sealed(committed_tenant):
    """Three segments: events 1 to 4, 5 to 8 and 9 to 12."""
    trail = Trail(committed_tenant, read_signer(by=SYSTEM))
    for count in (3, 4, 4):  # the tenant's own making is the first event
        trail.write(count)
        trail.seal()
    return trail


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
