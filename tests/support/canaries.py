"""What tests of the isolation proof share: running it, and breaking a wall."""

import os
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connections

from apps.common.actor import SYSTEM
from apps.operations.domain.isolation import prove_isolation
from apps.tenants.models import Tenant
from tests.support.kernel import quote_table, tenant_models


def prove(**fields):
    return prove_isolation(**{"by": SYSTEM} | fields)


def failed(proof):
    """The attacks that were not held, by wall."""
    walls = {}
    for attack in proof.report["attacks"]:
        if not attack["ok"]:
            walls.setdefault(attack["wall"], {})[attack["name"]] = attack["detail"]
    return walls


def canaries():
    return list(Tenant.objects.filter(is_canary=True).order_by("slug"))


def count_rows(tenant):
    """By table, as the owner sees them."""
    with connections["owner"].cursor() as cursor:
        counts = {}
        for model in tenant_models():
            cursor.execute(
                f"SELECT count(*) FROM {quote_table(model)} WHERE tenant_id = %s", [tenant.id]
            )
            counts[model.__name__] = cursor.fetchone()[0]
        return counts


@contextmanager
def altered(forth, back):
    """The tables as an owner might have changed them."""
    execute(forth)
    try:
        yield
    finally:
        execute(back)


def execute(*statements):
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def served_as(user):
    """This process's serving connection, with another role."""
    ours = connections["default"]
    options = ours.settings_dict["OPTIONS"] | {"pool": False}
    theirs = ours.settings_dict | {"USER": user, "OPTIONS": options}
    connections["default"] = type(ours)(theirs, alias="default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = ours


@contextmanager
def role(*options):
    """A login with these options that may do what the serving role may."""
    name = f"isolation_drill_{os.getpid()}"  # roles are the whole cluster's
    serving = settings.DATABASES["default"]["USER"]
    with psycopg.connect(settings.DATABASE_ADDRESSES[1], autocommit=True) as admin:
        admin.execute(f"DROP ROLE IF EXISTS {name}")
        admin.execute(f"CREATE ROLE {name} LOGIN {' '.join(options)} IN ROLE {serving}")
        try:
            yield name
        finally:
            admin.execute(f"DROP ROLE {name}")
