"""Structured logs: one JSON object a line, with request id and route, never memory text."""

import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from apps.common.context import request_id
from apps.common.failures import describe_failure
from memoryhub import env

FORMATS = ("json", "console")


def add_request_id(_: Any, __: str, event: EventDict) -> EventDict:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def describe_error(_: Any, __: str, event: EventDict) -> EventDict:
    """What a library logs with its traceback, told as a failure of our own is."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else sys.exception() if found else None
    if error:
        event.update(describe_failure(error))
    return event


SHARED: list[Processor] = [
    add_request_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

_renderers = {
    "json": structlog.processors.JSONRenderer(),
    "console": structlog.dev.ConsoleRenderer(colors=False),
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                describe_error,
                _renderers[env.read_choice("LOG_FORMAT", "json", FORMATS)],
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.read_choice(
            "LOG_LEVEL", "info", ("debug", "info", "warning", "error")
        ).upper(),
    },
    "loggers": {
        # These write raw paths, statements with values, or payloads; our own lines replace them.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "CRITICAL"},
        "django.server": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
        "django.db.backends": {"level": "ERROR"},
        "celery.app.trace": {"level": "CRITICAL"},
        "httpx": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "posthog": {"level": "WARNING"},
        "psycopg.pool": {"level": "ERROR"},
        "urllib3": {"level": "WARNING"},
    },
}
