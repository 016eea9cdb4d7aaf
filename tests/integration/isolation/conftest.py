import psycopg
import pytest

from memoryhub.embedded import postgres
from memoryhub.embedded.postgres import Role
from tests.support.outside import Hub, outside_server


@pytest.fixture(scope="module")
def outside(made_cluster, tmp_path_factory):
    with outside_server(made_cluster, tmp_path_factory.mktemp("outside")) as layout:
        yield layout


@pytest.fixture(scope="module")
def make_hub(outside, django_db_setup, django_db_blocker):
    """A database on the outside server with its roles: `owning` is left out where there is one."""

    def make(name, *, roles, serving, owning=None):
        dsn = postgres.dsn(outside.root, Role.SUPERUSER, "postgres")
        with psycopg.connect(**dsn, autocommit=True) as admin:
            for role in roles:
                admin.execute(f"CREATE ROLE {role}")
            admin.execute(f"CREATE DATABASE {name} OWNER {owning or serving}")
        return Hub(outside, name, django_db_blocker, serving, owning)

    return make
