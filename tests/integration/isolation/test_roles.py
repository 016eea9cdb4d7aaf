"""The roles that MemoryHub may be given: who serves well, and with whom it refuses to serve."""

from dataclasses import replace

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.isolation.operations import TENANT_MATCHES
from apps.isolation.roles import application_role
from apps.isolation.row_security import RowSecurityMissing, check_row_security, read_role
from apps.isolation.scope import SETTING
from apps.operations.domain import health
from memoryhub.embedded import postgres
from memoryhub.supervisor import programs
from tests.support import sentinel
from tests.support.bouncer import CONNECTIONS, occupying, pooled_url, pooling

SETUPS = {
    "two": {"roles": ("hub_owner LOGIN", "hub_app LOGIN"), "owning": "hub_owner"},
    "one": {"roles": ("hub_login LOGIN CREATEROLE",)},
    "admin": {"roles": ("hub_admin LOGIN SUPERUSER",)},
}
SERVING = {"two": "hub_app", "one": "hub_login", "admin": "hub_admin"}
ACTING = SERVING | dict.fromkeys(("one", "admin"), "memoryhub_app")  # one role: migrate makes it
KEYS = "keys.tenant_key"
COUNT = f"SELECT count(*) FROM {KEYS}"
WAY_OUT = f"{TENANT_MATCHES} OR true"


@pytest.fixture(autouse=True)
def without_sentinel():
    """Roles are tried with statements that name no tenant."""
    with sentinel.off("attacks"):
        yield


@pytest.fixture(scope="module")
def hubs(make_hub):
    """Prepared databases by their set-up, each made when it is first asked for."""
    made = {}

    def get(name):
        if name not in made:
            hub = make_hub(f"hub_{name}", serving=SERVING[name], **SETUPS[name])
            made[name] = hub, hub.prepare()
        return made[name]

    return get


def test_the_embedded_server_binds_who_serves(db):
    check_row_security()
    call_command("check", databases=["default"])

    role = read_role()
    assert (role.name, role.is_superuser, role.can_bypass) == (application_role(), False, False)


def use(url, key):
    """/readyz, and what an application reads that has just stored something."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Token {key}"}, timeout=60) as http:
        body = {"messages": [{"role": "user", "content": "I drink tea."}], "user_id": "ada"}
        assert http.post("/v3/memories/add/", json=body).status_code == 200
        found = http.post("/v3/memories/", json={"filters": {"user_id": "*"}}).json()
        return http.get("/readyz").status_code, [row["memory"] for row in found["results"]]


@pytest.mark.parametrize("name", SETUPS)
def test_it_serves(hubs, name):
    hub, key = hubs(name)

    with hub.serve() as url:
        assert use(url, key) == (200, ["I drink tea."])


@pytest.mark.parametrize("name", SETUPS)
def test_policies_bind_who_serves(hubs, name):
    hub, _ = hubs(name)
    [(tenant_id,)] = hub.execute("SELECT id FROM tenants_tenant WHERE slug = 'default'")

    assert hub.execute(COUNT) == [(2,)]
    assert hub.execute(COUNT, role=hub.serving) == [(0,)]
    chosen = f"SELECT set_config('{SETTING}', '{tenant_id}', false)"
    assert hub.execute(chosen, COUNT, role=hub.serving) == [(1,)]
    with hub.as_default():
        check_row_security()
        call_command("check", databases=["default"])
        role = read_role()
    assert (role.name, role.login) == (ACTING[name], SERVING[name])
    assert (role.is_superuser, role.can_bypass) == (False, False)


@pytest.mark.parametrize("name", ["one", "admin"])
@pytest.mark.parametrize("reset", ["RESET ROLE", "RESET ALL", "DISCARD ALL"])
def test_a_single_login_keeps_to_its_role_after(hubs, name, reset):
    """What a pooler sends between two clients."""
    hub, _ = hubs(name)

    assert hub.execute(reset, "SELECT current_user", role=hub.serving) == [("memoryhub_app",)]


@pytest.mark.needs("PgBouncer")
def test_a_single_logins_migration_leaves_no_owner_in_the_pooler(hubs, tmp_path):
    """A role that a session has set stays on its connection, which others are lent next."""
    hub, _ = hubs("one")
    server = {"HOST": str(hub.layout.sockets), "USER": hub.serving, "NAME": hub.database}
    with pooling(server, tmp_path) as port:
        url = pooled_url(port, server)
        with occupying(url) as clients:
            hub.run("manage.py", "migrate", DATABASE_URL=url, DATABASE_PREPARES="0")
            seen = [
                client.execute("SELECT pg_backend_pid(), current_user::text").fetchone()
                for client in clients
                for _ in clients
            ]

    assert len({pid for pid, _ in seen}) == CONNECTIONS
    assert {role for _, role in seen} == {"memoryhub_app"}


@pytest.mark.parametrize(("name", "can_leave"), [("two", False), ("one", True), ("admin", True)])
def test_only_two_logins_keep_raw_sql_from_the_owners_role(hubs, name, can_leave):
    """The limit of the single login, which the role says of itself."""
    hub, _ = hubs(name)

    assert hub.execute("SET ROLE NONE", COUNT, role=hub.serving) == [(2 if can_leave else 0,)]
    with hub.as_default():
        assert read_role().can_leave is can_leave


IS_SUPERUSER = "role hub_app, which is a superuser, or can become one."
BYPASSES = "role hub_app, which bypasses row-level security, or can become a role that does."
NOT_HELD = (
    "MemoryHub does not serve while row-level security is not enabled, forced and left to the"
    " policy of the tenant alone on keys.tenant_key."
)
DAMAGES = {  # what is done, what undoes it, what is said, and whether rows can be read by it
    "superuser": (
        "ALTER ROLE hub_app SUPERUSER",
        "ALTER ROLE hub_app NOSUPERUSER",
        IS_SUPERUSER,
        True,
    ),
    "member of a superuser": (
        "CREATE ROLE dba SUPERUSER; GRANT dba TO hub_app",
        "DROP ROLE dba",
        IS_SUPERUSER,
        False,
    ),
    "bypass": ("ALTER ROLE hub_app BYPASSRLS", "ALTER ROLE hub_app NOBYPASSRLS", BYPASSES, True),
    "member of a bypass": (
        "CREATE ROLE dba BYPASSRLS; GRANT dba TO hub_app",
        "DROP ROLE dba",
        BYPASSES,
        False,
    ),
    "owner of a table": (
        f"ALTER TABLE {KEYS} OWNER TO hub_app",
        f"ALTER TABLE {KEYS} OWNER TO hub_owner; GRANT ALL ON {KEYS} TO hub_app",
        "role hub_app, which owns keys.tenant_key, or can become the owner.",
        False,
    ),
    "member of the owner": (
        "GRANT hub_owner TO hub_app",
        "REVOKE hub_owner FROM hub_app",
        "role hub_app, which owns audit_auditanchor, audit_auditcheck,",
        True,
    ),
    "not enabled": (
        f"ALTER TABLE {KEYS} DISABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {KEYS} ENABLE ROW LEVEL SECURITY",
        NOT_HELD,
        True,
    ),
    "not forced": (
        f"ALTER TABLE {KEYS} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {KEYS} FORCE ROW LEVEL SECURITY",
        NOT_HELD,
        False,
    ),
    "no policy": (
        f"DROP POLICY tenant ON {KEYS}",
        f"CREATE POLICY tenant ON {KEYS} USING ({TENANT_MATCHES}) WITH CHECK ({TENANT_MATCHES})",
        NOT_HELD,
        False,
    ),
    "another policy": (
        f"CREATE POLICY other ON {KEYS} FOR SELECT USING (true)",
        f"DROP POLICY other ON {KEYS}",
        NOT_HELD,
        True,
    ),
    "the owner's policy for all": (
        f"ALTER POLICY owner ON {KEYS} TO PUBLIC",
        f"ALTER POLICY owner ON {KEYS} TO hub_owner",
        NOT_HELD,
        True,
    ),
    "the tenant's policy without the tenant": (
        f"ALTER POLICY tenant ON {KEYS} USING (true) WITH CHECK (true)",
        f"ALTER POLICY tenant ON {KEYS} USING ({TENANT_MATCHES}) WITH CHECK ({TENANT_MATCHES})",
        NOT_HELD,
        True,
    ),
    "the tenant's policy with a way out": (
        f"ALTER POLICY tenant ON {KEYS} USING ({WAY_OUT}) WITH CHECK ({WAY_OUT})",
        f"ALTER POLICY tenant ON {KEYS} USING ({TENANT_MATCHES}) WITH CHECK ({TENANT_MATCHES})",
        NOT_HELD,
        True,
    ),
    "the tenant's policy for reading only": (
        f"ALTER POLICY tenant ON {KEYS} WITH CHECK (true)",
        f"ALTER POLICY tenant ON {KEYS} WITH CHECK ({TENANT_MATCHES})",
        NOT_HELD,
        False,
    ),
}


@pytest.fixture(params=DAMAGES)
def damaged(request, hubs):
    """The set-up of two roles after somebody changed it, what is said of it, what can be read."""
    damage, repair, said, is_open = DAMAGES[request.param]
    hub, _ = hubs("two")
    hub.execute(damage)
    yield hub, said, is_open
    hub.execute(repair)
    with hub.as_default():
        check_row_security()


def test_it_refuses(damaged):
    hub, said, is_open = damaged

    assert hub.execute(COUNT, role=hub.serving) == [(2 if is_open else 0,)]
    with hub.as_default():
        with pytest.raises(RowSecurityMissing) as refused:
            check_row_security()
        with pytest.raises(CommandError) as found:
            call_command("check", databases=["default"])
        answer = Client().get("/readyz")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert f"(isolation.E001) {refused.value}" in str(found.value)
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


def test_readiness_names_the_part(hubs, monkeypatch):
    hub, _ = hubs("two")
    lines = []
    monkeypatch.setattr(health.logger, "warning", lambda *args, **fields: lines.append(fields))

    with replace(hub, serving=postgres.Role.SUPERUSER).as_default():
        assert Client().get("/readyz").status_code == 503

    assert lines == [{"part": "isolation", "error": "RowSecurityMissing"}]


PROGRAMS = {"web": ["-c", "import memoryhub.wsgi"], "worker": programs.worker()._arguments[1:]}


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_program_starts_as_a_superuser(hubs, program):
    hub = replace(hubs("two")[0], serving=postgres.Role.SUPERUSER)

    assert refuse(hub, program) == (
        "MemoryHub does not serve as the database role memoryhub, which is a superuser, or can"
        " become one."
    )


def test_no_program_starts_before_a_single_login_has_its_role(make_hub):
    hub = make_hub("hub_empty", roles=("early LOGIN",), serving="early")

    assert refuse(hub, "web") == (
        "MemoryHub does not serve as the database role early, which must act as memoryhub_app:"
        " run manage.py migrate."
    )


def refuse(hub, program):
    """The line that a program says that must end by itself."""
    ended = hub.run(*PROGRAMS[program])
    assert ended.code == 1
    assert "Traceback" not in ended.err, ended.err
    [line] = [line for line in ended.err.splitlines() if line.startswith("MemoryHub")]
    return line
