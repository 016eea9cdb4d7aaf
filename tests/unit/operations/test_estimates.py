"""Rows are estimated by PostgreSQL, never read."""

from django.db import connections

from apps.memories.models import Entity, Memory, Vector
from apps.operations.estimates import estimate
from tests.support import sentinel
from tests.support.kernel import add, quote_table


def test_estimate_is_that_of_the_last_analysis(committed_tenant):
    add(committed_tenant, "I drink tea.", "I like rain.", "I sail.")
    with sentinel.off("committed rows"), connections["owner"].cursor() as cursor:
        for model in (Entity, Vector):
            cursor.execute(f"ANALYZE {quote_table(model)}")
        cursor.execute("SELECT pg_stat_force_next_flush()")

    server = estimate([Entity, Vector])

    assert server.rows == (1, 3)


def test_version_of_the_server(db):
    version = estimate([Memory]).version

    assert int(version.split(".")[0]) >= 15
