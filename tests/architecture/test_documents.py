"""Documents say what is there: settings, commands, paths, and numbers that stand in two places."""

import ast
import re
from itertools import pairwise

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from apps.telemetry.documents import write_catalogue
from memoryhub.embedded.layout import PROJECT
from memoryhub.supervisor import programs
from tests.support.needs import _PROGRAMS as TOOLS

DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
SOURCES = [*(PROJECT / "memoryhub").rglob("*.py"), *(PROJECT / "apps").rglob("*.py")]
INTERNAL = {"first_run", "migrate"}  # `make up` and compose call them


@pytest.fixture(scope="module")
def variables() -> dict[str, tuple[str, str | None]]:
    """What the code reads from the environment: by name the reader and, where plain, the default."""
    calls = [call for source in SOURCES for call in ast.walk(ast.parse(source.read_text()))]
    calls = [call for call in calls if variable_of(call)]
    calls.sort(key=lambda call: default_of(call) is not None)  # the one with a default counts
    return {variable_of(call): (reader_of(call), default_of(call)) for call in calls}


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    text = (PROJECT / ".env.example").read_text()
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", text, re.MULTILINE))


def reader_of(call):
    return ast.unparse(call.func).rpartition(".")[2]


def variable_of(call):
    """The name in `env.read_...("NAME", ...)` and `os.environ.get("NAME")`."""
    if not isinstance(call, ast.Call) or not call.args:
        return None
    is_reader = re.fullmatch(r"(env\.)?read_\w+|os\.environ\.get", ast.unparse(call.func))
    first = call.args[0]
    is_name = isinstance(first, ast.Constant) and re.fullmatch("[A-Z_]+", str(first.value))
    return first.value if is_reader and is_name else None


def default_of(call):
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "default")]
    if not given or not isinstance(given[0], ast.Constant):
        return None
    value = given[0].value
    return str(int(value)) if isinstance(value, bool) else str(value)


def test_every_variable_is_documented_and_every_documented_one_is_read(variables, documented):
    secrets = {name for name, (reader, _) in variables.items() if reader == "read_secret"}

    assert set(documented) == set(variables) | {f"{name}_FILE" for name in secrets}


def test_documented_defaults_are_those_of_the_code(variables, documented):
    plain = {name: default for name, (_, default) in variables.items() if isinstance(default, str)}

    assert {name: documented[name] for name in plain} == plain


def test_every_variable_has_a_line_that_explains_it(documented):
    lines = (PROJECT / ".env.example").read_text().splitlines()
    explained = {
        line[1:].partition("=")[0]
        for before, line in pairwise(lines)
        if before.startswith("# ") and before.endswith(".") and line.startswith("#")
    }

    assert {name for name in documented if not name.endswith("_FILE")} <= explained


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_documents_exist(path):
    text = path.read_text()
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())

    assert set(re.findall(r"(?:`|^ {4})make (\w+)", text, re.MULTILINE)) <= targets
    for name, rest in re.findall(r"manage\.py ([a-z]\w+)(.*)", text):
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"(?<=[\s\[])--[a-z-]+", rest.partition("`")[0])) <= known


def test_readme_names_every_command_of_ours():
    ours = {name for name, app in get_commands().items() if str(app).startswith("apps.")}
    text = (PROJECT / "README.md").read_text()

    assert {name for name in ours - INTERNAL if f"manage.py {name}" not in text} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_paths_in_documents_exist(path):
    text = path.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    named = re.findall(r"`((?:apps|memoryhub|tests|tools|docs|deploy)/[\w./-]+\.\w+)`", text)
    named = [PROJECT / name for name in named] + [path.parent / link for link in links]

    assert [name for name in named if not name.exists()] == []


def test_contributing_has_a_row_for_each_app():
    rows = re.findall(
        r"^\| `apps/(\w+)/` \|", (PROJECT / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )

    assert sorted(rows) == sorted(path.parent.name for path in PROJECT.glob("apps/*/__init__.py"))


def test_catalogue_of_telemetry_is_the_one_in_the_code():
    """`manage.py telemetry catalogue` prints what belongs under the mark."""
    _, found, catalogue = (
        (PROJECT / "docs" / "telemetry.md").read_text().partition("<!-- catalogue -->\n")
    )

    assert found
    assert catalogue == write_catalogue()


def test_decisions_are_numbered_and_one_page_each():
    decisions = sorted((PROJECT / "docs" / "adr").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [
        f"{n:04}" for n in range(1, len(decisions) + 1)
    ]
    for number, path in enumerate(decisions, start=1):
        lines = path.read_text().splitlines()
        assert lines[0].startswith(f"# {number}. ")
        assert len(lines) <= 60


def test_ci_installs_every_tool_that_tests_need():
    script = (PROJECT / ".ci" / "run").read_text()
    installed = set(re.findall(r"([\w-]+):[\w-]+", re.search(r"for pair in (.*); do", script)[1]))

    assert {tool for tool, names in TOOLS.items() if not installed & set(names)} == set()
    assert "MEMORYHUB_REQUIRE_ALL=1 exec make test" in script


def test_image_and_compose_run_what_make_up_runs(monkeypatch):
    for name in ("WEB_WORKERS", "WEB_THREADS", "WORKER_PROCESSES"):
        monkeypatch.delenv(name, raising=False)
    image = (PROJECT / "Dockerfile").read_text()
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    web, worker = programs.web("", 0)._arguments, programs.worker()._arguments

    for option in ("--workers", "--blocking-threads"):
        number = re.search(rf'"{option}", "(\d+)"', image)[1]
        assert number == web[web.index(option) + 1]
    concurrency = compose["services"]["worker"]["command"].split()[-1]
    assert concurrency == worker[worker.index("--concurrency") + 1]
