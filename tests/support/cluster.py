"""Plugin: one throw-away embedded PostgreSQL for the test run.

Loaded by `-p`, so that the data folder stands in the environment before Django reads its settings.
Workers of pytest-xdist inherit it. With DATABASE_URL that server is used and none is started.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from memoryhub.embedded import server
from memoryhub.embedded.layout import is_embedded, prepare

_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
_SERVER = pytest.StashKey[subprocess.Popen]()

if not _IS_WORKER:
    os.environ["MEMORYHUB_DATA_DIR"] = tempfile.mkdtemp(prefix="memoryhub-test-")
    atexit.register(shutil.rmtree, os.environ["MEMORYHUB_DATA_DIR"], ignore_errors=True)


def pytest_sessionstart(session: pytest.Session) -> None:
    if _IS_WORKER or session.config.option.collectonly or not is_embedded("DATABASE_URL"):
        return
    layout = prepare(Path(os.environ["MEMORYHUB_DATA_DIR"]))
    session.config.stash[_SERVER] = server.start(layout, durable=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    if process := config.stash.get(_SERVER, None):
        server.stop(process)


@pytest.fixture(scope="session")
def made_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a fresh, stopped cluster. Copying them is much quicker than making others."""
    layout = prepare(tmp_path_factory.mktemp("made"))
    server.stop(server.start(layout, durable=False))
    return layout.cluster
