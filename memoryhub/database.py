"""The two connections: `default` serves, `owner` migrates."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from memoryhub import env
from memoryhub.embedded import postgres

Config = dict[str, Any]


def configure(data_dir: Path) -> dict[str, Config]:
    """From DATABASE_URL and DATABASE_OWNER_URL, else the embedded server below the data folder."""
    url = env.read_secret("DATABASE_URL")
    if url:
        owner_url = env.read_secret("DATABASE_OWNER_URL") or url
        serving = _parse("DATABASE_URL", url)
        owner = _parse("DATABASE_OWNER_URL", owner_url)
    else:
        serving = dict(postgres.dsn(data_dir, "memoryhub_app"))
        owner = dict(postgres.dsn(data_dir, "memoryhub_owner"))
    return {"default": _serving(serving), "owner": _owner(owner)}


def _parse(name: str, url: str) -> dict[str, str]:
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError:
        raise ImproperlyConfigured(
            f"{name} must read postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        ) from None
    missing = {"user", "dbname"} - parts.keys()
    if missing:
        raise ImproperlyConfigured(f"{name} names no {' and no '.join(sorted(missing))}.")
    return parts


def _serving(parts: dict[str, str]) -> Config:
    config = _base(parts)
    config["TEST"] = {"MIRROR": "owner"}
    config["DISABLE_SERVER_SIDE_CURSORS"] = True
    config["OPTIONS"]["server_side_binding"] = True
    config["OPTIONS"]["prepare_threshold"] = 2
    config["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.read_int("DATABASE_POOL_SIZE", 10, low=1),
        "timeout": 10,
    }
    return config


def _owner(parts: dict[str, str]) -> Config:
    config = _base(parts)
    config["OPTIONS"]["assume_role"] = parts["user"]
    return config


def _base(parts: dict[str, str]) -> Config:
    known = {
        "host": "HOST",
        "port": "PORT",
        "user": "USER",
        "password": "PASSWORD",
        "dbname": "NAME",
    }
    config: Config = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}
    for key, value in parts.items():
        if key in known:
            config[known[key]] = value
        else:
            config["OPTIONS"][key] = value
    return config
