"""MemoryHub in the foreground: one data folder, started three times and ended in three ways."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import httpx
import pytest

from apps.common.secret_files import encode_key
from memoryhub.embedded import postgres, processes, valkey
from memoryhub.embedded.layout import PROJECT, prepare
from memoryhub.embedded.postgres import Role
from tests.support.processes import find, living, wait_until

SUPERVISOR = [sys.executable, "-m", "memoryhub.supervisor"]
MAKE = ["make", "--no-print-directory", "up", "PYTHON=:", f"RUN={sys.executable}"]
PROGRAMS = {
    "database": "bin/postgres",
    "broker": "valkey-server",
    "web": "granian memoryhub.wsgi:application",
    "worker": "celery -A memoryhub worker --queues celery",
    "clock": "celery -A memoryhub worker --queues clock",
    "beat": "celery -A memoryhub beat",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("supervisor") / "data"


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(data, port) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH",)}
    return kept | {"MEMORYHUB_DATA_DIR": str(data), "PORT": str(port)}


@pytest.fixture
def start(data, environment, tmp_path):
    started = []

    def start(command: list[str]) -> tuple[subprocess.Popen, list[str]]:
        """The process and the lines, but for structured logs, that it wrote until it was ready."""
        log = tmp_path / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=output, stderr=output
            )
        started.append(process)
        wait_until(lambda: "is ready at" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        return process, [line for line in log.read_text().splitlines() if line[:1] != "{"]

    yield start
    for process in started:
        process.kill()
        process.wait()
    wait_until(lambda: not living(data))


@pytest.fixture
def used(data, start) -> Path:
    """The data folder after a first start: in a test before, or here where another worker ran it."""
    if not data.exists():
        supervisor, _ = start(SUPERVISOR)
        supervisor.terminate()
        supervisor.wait()
    return data


def refuse(environment: dict[str, str], **changes: str) -> str:
    """What a start that must fail says."""
    done = subprocess.run(
        SUPERVISOR,
        cwd=PROJECT,
        env=environment | changes,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def manage(environment: dict[str, str], *arguments: str) -> str:
    """What a command prints that runs beside it."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def add(http: httpx.Client, text: str) -> str:
    body = {"messages": [{"role": "user", "content": text}], "user_id": "ada", "infer": False}
    return http.post("/v3/memories/add/", json=body).json()["results"][0]["id"]


def ask(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status


def test_first_start_shows_the_credentials_and_term_ends_everything(start, data, port):
    supervisor, lines = start(SUPERVISOR)

    assert [re.sub(r": .*|http.*", "", line) for line in lines] == [
        "Operator", "Password", "API key", "MemoryHub is ready at ",
    ]  # fmt: skip
    assert lines[-1] == f"MemoryHub is ready at http://127.0.0.1:{port}"
    assert ask(port, "/healthz") == 200
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait() == 0
    assert living(data) == {}


def test_second_start_by_make_mends_what_dies_and_ends_with_make(start, used, port, environment):
    make, lines = start(MAKE)
    assert lines == [f"MemoryHub is ready at http://127.0.0.1:{port}"]

    before = {name: find(used, text) for name, text in PROGRAMS.items()}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(before.values()) & living(used).keys())
    wait_until(
        lambda: all(
            any(text in line for line in living(used).values()) for text in PROGRAMS.values()
        )
    )
    wait_until(lambda: is_serving(port))
    assert "already runs on the data folder" in refuse(environment)
    assert "Address already in use" in refuse(
        environment, MEMORYHUB_DATA_DIR=str(used.parent / "other")
    )

    make.send_signal(signal.SIGTERM)
    make.wait()
    wait_until(lambda: not living(used))


def test_new_master_key_is_taken_into_use_while_it_serves(start, data, environment, port):
    keys = data / "keys"
    supervisor, _ = start(SUPERVISOR)
    api_key = manage(environment, "create_api_key", "--tenant", "default", "--name", "test").strip()
    headers = {"Authorization": f"Token {api_key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
        before = [add(http, f"Text {number}.") for number in range(10)]

        assert manage(environment, "rotate_keys", "--new-key").startswith("2 of 2 ")

        after = [add(http, f"Text {number}.") for number in range(10, 20)]
        read = {http.get(f"/v1/memories/{id_}/").status_code for id_ in before + after}
    assert read == {200}
    assert manage(environment, "rotate_keys").startswith("0 of 2 ")
    (keys / "master_key.previous").unlink()
    supervisor.terminate()
    supervisor.wait()
    start(SUPERVISOR)
    answers = [
        httpx.get(f"http://127.0.0.1:{port}/v1/memories/{id_}/", headers=headers, timeout=60)
        for id_ in (before[0], after[-1])
    ]
    assert [answer.json()["memory"] for answer in answers] == ["Text 0.", "Text 19."]


def test_lost_or_wrong_master_key_is_one_line_and_no_new_one_is_made(used, environment):
    path = used / "keys" / "master_key"
    key = path.read_text()
    path.unlink()

    assert refuse(environment) == (
        f"There is no master key: set MEMORYHUB_MASTER_KEY or bring back {path}."
        " Without it nothing that is stored can be read.\n"
    )
    assert not path.exists()
    path.write_text(encode_key(bytes(32)))
    assert refuse(environment) == (
        "The master key does not open the tenant keys. Set MEMORYHUB_MASTER_KEY to the one they"
        " were made with or, while it is being replaced, MEMORYHUB_MASTER_KEY_PREVIOUS.\n"
    )
    path.write_text(key)


def test_killed_supervisor_leaves_nothing_behind(start, data):
    supervisor, _ = start(SUPERVISOR)

    supervisor.kill()
    supervisor.wait()

    wait_until(lambda: not living(data))


def test_killed_make_leaves_nothing_behind(start, data):
    make, _ = start(MAKE)

    make.kill()
    make.wait()

    wait_until(lambda: not living(data))


def test_outside_servers_are_used_and_none_is_started(start, data, environment, tmp_path):
    outside = prepare(tmp_path / "outside")
    broker = processes.spawn(valkey.command(outside))
    cluster = Path(os.environ["MEMORYHUB_DATA_DIR"])
    environment |= {
        "DATABASE_URL": postgres.url(cluster, Role.APP),
        "DATABASE_OWNER_URL": postgres.url(cluster, Role.OWNER),
        "CELERY_BROKER_URL": valkey.url(outside.root),
    }

    start(SUPERVISOR)

    commands = " ".join(living(data).values())
    running = {name for name, text in PROGRAMS.items() if text in commands}
    assert running == {"web", "worker", "clock", "beat"}
    processes.kill_group(broker)


def test_configuration_that_settings_refuse_is_one_line(environment):
    assert refuse(environment, HOST="0.0.0.0") == (
        "HOST=0.0.0.0 is reachable from outside: set ALLOWED_HOSTS, or MEMORYHUB_INSECURE=1.\n"
    )


def test_data_folder_that_cannot_be_written_is_one_line(environment, tmp_path):
    (tmp_path / "file").write_text("")

    assert refuse(environment, MEMORYHUB_DATA_DIR=str(tmp_path / "file" / "data")) == (
        f"The data folder {tmp_path}/file/data cannot be used (Not a directory): "
        "set MEMORYHUB_DATA_DIR to a folder that you may write.\n"
    )


def is_serving(port: int) -> bool:
    try:
        return ask(port, "/healthz") == 200
    except OSError:
        return False
