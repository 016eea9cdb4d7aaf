"""The two connections: `default` serves, `owner` migrates."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from memoryhub import env
from memoryhub.embedded import postgres

Config = dict[str, Any]

PREPARES = env.read_bool("DATABASE_PREPARES", default=True)  # off behind PgBouncer


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
    return {"default": _serving(serving), "owner": _owner(owner, serving=serving)}


def addresses(data_dir: Path) -> tuple[str, str]:
    """What psql takes: the serving role's address, and one that sees every row."""
    url = env.read_secret("DATABASE_URL")
    if not url:
        return (
            postgres.url(data_dir, postgres.Role.APP),
            postgres.url(data_dir, postgres.Role.SUPERUSER),
        )
    owner_url = env.read_secret("DATABASE_OWNER_URL") or url
    return url, _as_owner(owner_url, serving=url)


def _as_owner(url: str, *, serving: str) -> str:
    """Where both are one login, its sessions begin as the role that serves: take its own back."""
    parts = _parse("DATABASE_OWNER_URL", url)
    if parts["user"] != _parse("DATABASE_URL", serving)["user"]:
        return url
    options = _own_role(parts)
    if "://" not in url:
        return make_conninfo(url, options=options)
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


def _own_role(parts: dict[str, str]) -> str:
    login = parts["user"].replace("\\", "\\\\").replace(" ", "\\ ")
    return f"{parts.get('options', '')} -c role={login}".strip()


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
    config["ENGINE"] = "apps.isolation.backend"
    config["TEST"] = {"MIRROR": "owner"}
    config["DISABLE_SERVER_SIDE_CURSORS"] = True
    config["OPTIONS"]["server_side_binding"] = True
    config["OPTIONS"]["prepare_threshold"] = 2 if PREPARES else None
    config["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.read_int("DATABASE_POOL_SIZE", 10, low=1),
        "timeout": 10,
    }
    return config


def _owner(parts: dict[str, str], *, serving: dict[str, str]) -> Config:
    """A single login takes its own role back before the session begins.

    Set later, the role would stay on a pooler's connection, on which the application serves next.
    """
    config = _base(parts)
    config["TEST"] = {"DEPENDENCIES": []}
    if parts["user"] == serving["user"]:
        config["OPTIONS"]["options"] = _own_role(parts)
    else:
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
