import stat
from pathlib import Path

import pytest

from memoryhub.embedded import postgres, valkey
from memoryhub.embedded.layout import LauncherError, Layout, data_dir, is_embedded, prepare


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_private(tmp_path):
    layout = prepare(tmp_path / "data")

    modes = {path.name: mode(path) for path in (layout.root, *layout.root.iterdir())}

    assert modes == dict.fromkeys(("data", "keys", "logs", "postgres", "run", "valkey"), 0o700)


def test_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(LauncherError) as error:
        prepare(tmp_path / "file" / "data")

    assert str(error.value) == (
        f"The data folder {tmp_path}/file/data cannot be used (Not a directory): "
        "set MEMORYHUB_DATA_DIR to a folder that you may write."
    )


def test_sockets_lie_in_run():
    assert Layout(Path("/data")).sockets == Path("/data/run")


def test_sockets_of_a_long_path_lie_in_a_private_folder_of_their_own(tmp_path):
    layout = prepare(tmp_path / ("long" * 30))

    assert layout.sockets.parent == Path("/tmp")
    assert mode(layout.sockets) == 0o700
    layout.sockets.rmdir()


def test_socket_folder_that_others_can_enter_is_refused(tmp_path):
    layout = Layout(tmp_path / ("long" * 30))
    layout.sockets.mkdir(mode=0o755)

    with pytest.raises(LauncherError, match="must be a folder of your own with mode 0700"):
        prepare(layout.root)

    layout.sockets.rmdir()


def test_socket_folder_that_is_a_link_is_refused(tmp_path):
    layout = Layout(tmp_path / ("long" * 30))
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    layout.sockets.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(LauncherError, match="must be a folder of your own with mode 0700"):
        prepare(layout.root)

    layout.sockets.unlink()


def test_data_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("MEMORYHUB_DATA_DIR", str(tmp_path / "a" / ".." / "b"))

    assert data_dir() == tmp_path / "b"


def test_data_folder_is_var_beside_the_code_by_default(monkeypatch):
    monkeypatch.delenv("MEMORYHUB_DATA_DIR")

    assert data_dir() == Path(__file__).parents[3] / "var"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_an_outside_server_replaces_the_embedded_one(monkeypatch, name):
    for variable in ("DATABASE_URL", "DATABASE_URL_FILE"):
        monkeypatch.delenv(variable, raising=False)
    assert is_embedded("DATABASE_URL")

    monkeypatch.setenv(name, "postgresql://elsewhere/db")

    assert not is_embedded("DATABASE_URL")


def test_addresses_are_known_before_anything_runs():
    root = Path("/data with space")

    assert postgres.dsn(root, postgres.Role.APP) == {
        "host": "/data with space/run",
        "dbname": "memoryhub",
        "user": "memoryhub_app",
    }
    assert postgres.url(root, postgres.Role.OWNER) == (
        "postgresql://memoryhub_owner@/memoryhub?host=/data%20with%20space/run"
    )
    assert valkey.url(Path("/data")) == "redis+socket:///data/run/valkey.sock"
