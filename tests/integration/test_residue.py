"""What applications store can't be read in any file of a running instance.

An instance as `make up` starts it, with logs at their most talkative. Two words are planted: one
through the API, in every field that is sealed; the other past it, in the open, to show that the
same scan finds it.
"""

import os
import re
import secrets
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from memoryhub.embedded import binaries, postgres, valkey
from memoryhub.embedded.layout import PROJECT, Layout
from tests.integration.server import free_port
from tests.support.processes import living, wait_until
from tests.support.residue import find_forms, list_forms

PLANT = """
import structlog
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory
from apps.operations.tasks import clear_sessions
from apps.tenants.models import Tenant
from memoryhub import celery

with tenant_scope(Tenant.objects.get(slug="default").id):  # no endpoint sets categories yet
    memory = Memory.objects.get(id="{memory_id}")
    memory.categories = ["{sealed}category"]
    memory.save()
clear_sessions.delay()
structlog.get_logger("memoryhub.test").debug("{open}")
"""


@dataclass
class Instance:
    layout: Layout
    environment: dict[str, str]
    url: str
    log: Path

    @property
    def api_key(self) -> str:
        return re.search(r"API key: (\S+)", self.log.read_text())[1]

    def run(self, *arguments: str | Path) -> None:
        """A command beside the instance, whose log goes where the instance's goes."""
        with self.log.open("ab") as log:
            ended = subprocess.run(
                [sys.executable, *arguments],
                check=False,
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        assert ended.returncode == 0, self.log.read_text()[-2000:]

    def connect(self) -> psycopg.Connection:
        dsn = postgres.dsn(self.layout.root, postgres.Role.SUPERUSER)
        return psycopg.connect(**dsn, autocommit=True)

    def dump(self) -> bytes:
        dsn = postgres.dsn(self.layout.root, postgres.Role.SUPERUSER)
        options = [f"--{name}={dsn[key]}" for name, key in OPTIONS.items()]
        command = [binaries.postgres("pg_dump"), *options]
        return subprocess.run(command, check=True, capture_output=True).stdout


OPTIONS = {"host": "host", "username": "user", "dbname": "dbname"}


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("residue"), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "MEMORYHUB_DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "LOG_LEVEL": "debug",
    }
    made = Instance(
        Layout(folder / "data"), environment, f"http://127.0.0.1:{port}", folder / "log"
    )
    command = [sys.executable, "-m", "memoryhub.supervisor"]
    with made.log.open("ab") as log:
        supervisor = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: "is ready at" in made.log.read_text() or supervisor.poll() is not None)
        assert supervisor.poll() is None, made.log.read_text()
        yield made
    finally:
        supervisor.terminate()
        supervisor.wait()
        wait_until(lambda: not living(folder / "data"))


def make_word() -> str:
    return f"zq{secrets.token_hex(9)}"


@pytest.fixture(scope="module")
def sealed(instance):
    return make_word()


@pytest.fixture(scope="module")
def in_the_open(instance):
    return make_word()


@pytest.fixture(scope="module")
def places(instance, sealed, in_the_open):
    """Everything that the instance keeps, by where it lies, after both words were planted."""
    headers = {"Authorization": f"Token {instance.api_key}"}
    with httpx.Client(base_url=instance.url, headers=headers, timeout=60) as http:
        memory_id = use_everything(http, sealed)
    script = PLANT.format(memory_id=memory_id, sealed=sealed, open=in_the_open)
    instance.run("manage.py", "shell", "--verbosity", "0", "-c", script)
    plant_in_the_open(instance, in_the_open)
    with instance.connect() as connection:
        connection.execute("CHECKPOINT")
    found = {"dump": [instance.dump()], "log": [instance.log.read_bytes()]}
    for path in instance.layout.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found.setdefault(place_of(instance.layout, path), []).append(path.read_bytes())
    assert any(b"operations.clear_sessions" in content for content in found["broker"])
    return found


def use_everything(http, word):
    """Plant the word in all that an application can store, and in requests that go wrong."""
    ids = {f"{kind}_id": f"{word}{kind}" for kind in ("user", "agent", "app", "run")}
    first, second, third = (
        http.post(
            "/v3/memories/add/",
            json={
                "messages": [{"role": "user", "name": f"{word}speaker", "content": text}],
                "metadata": {f"{word}key": f"{word}value"},
                "custom_categories": [{f"{word}category": f"{word}description"}],
                "infer": False,
                **ids,
            },
        ).json()["results"][0]["id"]
        for text in (f"first {word}text", f"second {word}text", f"third {word}text")
    )
    path = f"/v1/memories/{first}/"
    change = {"text": f"later {word}text", "metadata": {f"{word}key": [f"{word}later"]}}
    assert http.put(path, json=change).status_code == 200
    assert http.put(path, json={"text": f"second {word}text"}).status_code == 409
    assert http.delete(f"/v1/memories/{third}/").status_code == 200
    filters = {"AND": [{"user_id": ids["user_id"]}, {"run_id": {"in": [ids["run_id"]]}}]}
    asked = {"query": f"{word}text of {word}speaker", "filters": filters, "explain": True}
    assert len(http.post("/v3/memories/search/", json=asked).json()["results"]) == 2
    assert http.post("/v3/memories/", json={"filters": {word: word}}).status_code == 400
    assert http.get(f"/v1/memories/{word}/", params={word: word}).status_code == 400
    assert http.get(f"/v1/{word}/").status_code == 404
    assert http.post("/v3/memories/add/", content=f'{{"messages": "{word}').status_code == 400
    shown = http.get(path).text + http.get(f"{path}history/").text
    kinds = ("text", "user", "agent", "app", "run", "key", "value", "later")
    assert [kind for kind in kinds if f"{word}{kind}" not in shown] == []
    return first


def plant_in_the_open(instance, word):
    with instance.connect() as connection:
        connection.execute("CREATE TABLE scratch (value text, bytes bytea)")
        for name, form in list_forms(word).items():
            row = (None, form) if name == "UTF-16" else (form.decode(), None)
            connection.execute("INSERT INTO scratch VALUES (%s, %s)", row)
    with redis.Redis(unix_socket_path=str(valkey.socket(instance.layout))) as broker:
        broker.lpush("scratch", word, b64encode(word.encode()))
        wait_until(lambda: not broker.llen("celery") and not broker.hlen("unacked"))


def place_of(layout, path):
    wal = layout.cluster / "pg_wal"
    folders = {"wal": wal, "database": layout.cluster, "broker": layout.valkey}
    return next((name for name, folder in folders.items() if path.is_relative_to(folder)), "rest")


def scan(places, word):
    found = {
        name: set().union(*(find_forms(word, content) for content in contents))
        for name, contents in places.items()
    }
    return {name: forms for name, forms in found.items() if forms}


def test_nothing_that_was_stored_is_readable(places, sealed):
    assert scan(places, sealed) == {}


def test_scan_finds_what_stands_in_the_open(places, in_the_open):
    forms = set(list_forms(in_the_open))

    assert scan(places, in_the_open) == {
        "database": forms,
        "wal": forms,
        "dump": forms - {"UTF-16"},  # as bytes in hex
        "broker": {"UTF-8", "base64 after 0"},
        "log": {"UTF-8"},
    }
