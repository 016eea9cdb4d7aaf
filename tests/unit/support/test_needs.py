import pytest

pytest_plugins = ["pytester"]

TEST = """
import pytest

@pytest.mark.needs("Node")
def test_one(): pass

@pytest.mark.needs("Node")
def test_two(): pass

@pytest.mark.needs("Chromium")
def test_three(): pass
"""


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.setattr(
        "tests.support.needs.find", lambda tool: None if tool == "Node" else "/bin/x"
    )
    monkeypatch.delenv("MEMORYHUB_REQUIRE_ALL", raising=False)
    pytester.makeini("[pytest]\nmarkers = needs(tool): x\n")
    pytester.makepyfile(TEST)
    return lambda: pytester.runpytest_inprocess("-p", "no:django", "-p", "tests.support.needs")


def test_missing_tool_skips_and_is_named_on_one_line(run):
    result = run()

    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["Node is missing; tests skipped: 2"])
    result.stdout.no_fnmatch_line("Chromium is missing*")


def test_missing_tool_fails_where_all_are_required(run, monkeypatch):
    monkeypatch.setenv("MEMORYHUB_REQUIRE_ALL", "1")

    result = run()

    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["Node is missing, and MEMORYHUB_REQUIRE_ALL=1."])
