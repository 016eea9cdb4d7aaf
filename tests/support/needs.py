"""Plugin: `@pytest.mark.needs("Chromium")` skips where the tool is missing.

The summary names each missing tool on one line. Under MEMORYHUB_REQUIRE_ALL=1 such a test fails.
"""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
_PROGRAMS = {
    "Chromium": ("chromium", "chromium-browser", "google-chrome"),
    "Redis": ("redis-server",),
    "PgBouncer": ("pgbouncer",),
    "Node": ("node",),
}
_FOLDERS = {
    "mem0ai for Node": TESTS / "integration/sdk/js/node_modules/mem0ai",
    "axe-core": TESTS / "e2e/js/node_modules/axe-core",
}


def find(tool: str) -> str | None:
    """The path of the first program that serves as the tool, or of the folder that it is."""
    if tool in _FOLDERS:
        return str(_FOLDERS[tool]) if _FOLDERS[tool].is_dir() else None
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = (shutil.which(program, path=path) for program in _PROGRAMS[tool])
    return next(filter(None, found), None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 1


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for tool in mark.args:
            if find(tool) is None:
                _refuse(tool)


def _refuse(tool: str) -> None:
    if os.environ.get("MEMORYHUB_REQUIRE_ALL") == "1":
        pytest.fail(f"{tool} is missing, and MEMORYHUB_REQUIRE_ALL=1.", pytrace=False)
    pytest.skip(f"needs {tool}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = (report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    counts = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    for tool in (*_PROGRAMS, *_FOLDERS):
        if count := counts[f"needs {tool}"]:
            terminalreporter.write_line(f"{tool} is missing; tests skipped: {count}")
