"""Behind a PgBouncer that lends few connections by the transaction, each tenant stays alone."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from django.db import connections

from apps.common.actor import SYSTEM
from apps.isolation.scope import SETTING
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant
from memoryhub.embedded.layout import PROJECT
from tests.integration.server import dsn, environment, free_port, wait_until_it_answers
from tests.support.bouncer import CONNECTIONS, occupying, pooled_url, pooling
from tests.support.committed import committing

pytestmark = pytest.mark.needs("PgBouncer")

SUITE = [  # what reads and writes memories, and what is kept for a tenant or a key
    *(
        f"tests/integration/api/test_{name}.py"
        for name in (
            "add", "authentication", "delete", "delete_by_filter", "destroyed_keys", "entities", "get", "history",
            "inferred_adds", "list", "own_tenant", "privacy_requests", "projects", "search", "update", "webhooks",
        )
    ),
    "tests/integration/sdk/test_memory_client.py",
]  # fmt: skip
WITHOUT = ["-knot number_of_queries"]  # without an outer transaction there are fewer
ROUNDS = 15
READ = "SELECT pg_backend_pid(), coalesce(current_setting(%s, true), '')"


@pytest.fixture(scope="module")
def port(django_db_setup, tmp_path_factory):
    server = connections["default"].settings_dict
    with pooling(server, tmp_path_factory.mktemp("bouncer")) as listening:
        yield listening


@pytest.fixture
def pooled(port):
    """The test database through the pooler."""
    return pooled_url(port, connections["default"].settings_dict)


@pytest.fixture
def clients(pooled):
    with occupying(pooled) as clients:
        yield clients


def ask(client, times=CONNECTIONS):
    """The setting as each connection has it that the client is lent."""
    return dict(client.execute(READ, [SETTING]).fetchone() for _ in range(times))


def test_a_client_meets_every_connection_and_what_a_session_left_there(clients):
    """What the other tests stand on: a setting that outlives its transaction would be seen."""
    one, other, *_ = clients
    assert list(ask(one).values()) == [""] * CONNECTIONS

    one.execute("SELECT set_config(%s, 'left behind', false)", [SETTING])

    seen = ask(other)
    assert Counter(seen.values()) == {"": CONNECTIONS - 1, "left behind": 1}
    for _ in seen:
        one.execute(f"RESET {SETTING}")
    assert set(ask(other).values()) == {""}


def test_a_setting_of_a_transaction_stays_in_it(clients):
    one, other, *_ = clients

    with one.transaction():
        one.execute("SELECT set_config(%s, 'mine', true)", [SETTING])
        assert list(ask(one).values()) == ["mine"]
        assert list(ask(other, CONNECTIONS - 1).values()) == [""] * (CONNECTIONS - 1)

    assert list(ask(other).values()) == [""] * CONNECTIONS


def test_api_suite_passes(django_db_setup, tmp_path):
    """Each request commits, and its transactions run on different connections."""
    serving, owner = (connections[alias].settings_dict for alias in ("default", "owner"))
    name = f"pooled_{os.getpid()}"
    owner_url = dsn(owner | {"NAME": name})
    given = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}

    with pooling(serving, tmp_path) as port:
        variables = {
            "DATABASE_URL": pooled_url(port, serving, name),
            "DATABASE_OWNER_URL": owner_url,
            "DATABASE_PREPARES": "0",
            "CELERY_BROKER_URL": "memory://",  # commits send tasks, and nobody is there
            "MEMORYHUB_TEST_POOLED": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITE, *WITHOUT],
            cwd=PROJECT,
            env=given | variables,
            capture_output=True,
            text=True,
            check=False,
        )
    drop(f"test_{name}", owner)

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def drop(name, owner):
    with psycopg.connect(dsn(owner | {"NAME": "postgres"}), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


@pytest.fixture
def server(pooled, django_db_blocker, tmp_path):
    """The web server through the pooler, with more threads than the pooler has connections."""
    port, log = free_port(), tmp_path / "log"
    command = ["granian", "--interface", "wsgi", "--blocking-threads", "8", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "memoryhub.wsgi:application"],
            env=environment() | {"DATABASE_URL": pooled, "DATABASE_PREPARES": "0"},
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/v1/ping/", process, log)
        with committing(django_db_blocker):
            yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def live(url, key, word):
    """What a tenant is shown while it stores, looks and deletes; each text begins with its word."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Token {key}"}, timeout=60) as http:

        def send(method, path, **fields):
            answer = http.request(method, path, **fields)
            assert answer.status_code == 200, answer.text
            return answer.json()

        everybody, shown = {"filters": {"user_id": "*"}}, []
        for number in range(ROUNDS):
            messages = [{"role": "user", "content": f"{word} drinks tea number {number}."}]
            added = send("POST", "/v3/memories/add/", json={"messages": messages, "user_id": "ada"})
            [row] = added["results"]
            asked = everybody | {"query": "Who drinks tea?", "threshold": 0, "top_k": 100}
            found = send("POST", "/v3/memories/search/", json=asked)["results"]
            listed = send("POST", "/v3/memories/", json=everybody)["results"]
            people = send("GET", "/v1/entities/")["results"]
            one = send("GET", f"/v1/memories/{row['id']}/")
            if number % 5 == 4:
                send("DELETE", f"/v1/memories/{row['id']}/")
            texts = [memory["memory"].split()[0] for memory in [*found, *listed, one]]
            shown.append((Counter(texts), len(found), len(listed), [p["name"] for p in people]))
        return shown


def test_tenants_side_by_side_see_their_own(server):
    words = [f"Person{number}" for number in range(2 * CONNECTIONS)]
    keys = [make_tenant(word) for word in words]
    kept = [1 + number - number // 5 for number in range(ROUNDS)]

    with ThreadPoolExecutor(len(words)) as pool:
        lives = list(pool.map(lambda pair: live(server, *pair), zip(keys, words, strict=True)))

    for word, seen in zip(words, lives, strict=True):
        assert seen == [({word: 2 * count + 1}, count, count, ["ada"]) for count in kept]


def make_tenant(word):
    tenant = create_tenant(name=word, slug=word.lower(), by=SYSTEM)
    return create_api_key(tenant=tenant, name="test", by=SYSTEM)[1]
