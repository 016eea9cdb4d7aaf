"""What this installation may say of itself, as values of the telemetry catalogue's fields."""

import platform
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from apps.accounts.models import Operator
from apps.memories.models import Entity, Vector
from apps.operations.estimates import estimate
from apps.tenants.models import Tenant

Facts = dict[str, Any]

OPENAI_HOST = "api.openai.com"
SYSTEMS = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
PROCESSORS = {"amd64": "x86_64", "arm64": "aarch64"}


def read_machine() -> Facts:
    processor = platform.machine().lower()
    return {
        "memoryhub_version": settings.VERSION,
        "python_version": platform.python_version(),
        "os": SYSTEMS.get(platform.system(), "other"),
        "architecture": PROCESSORS.get(processor, processor),
    }


def read_heartbeat() -> Facts:
    """Four statements, quick however much is stored: tenants' rows are estimated, not counted."""
    server = estimate([Entity, Vector])
    entities, memories = server.rows
    return read_machine() | {
        "postgresql_version": server.version,
        "database": name_server(is_embedded=settings.IS_DATABASE_EMBEDDED),
        "broker": name_server(is_embedded=settings.IS_BROKER_EMBEDDED),
        "embedder": name_embedder(),
        "llm": "none",
        "https": settings.IS_HTTPS,
        "tenants": Tenant.objects.listed().count(),
        "operators": Operator.objects.count(),
        "entities": entities,
        "memories": memories,
    }


def name_server(*, is_embedded: bool) -> str:
    return "embedded" if is_embedded else "external"


def name_embedder() -> str:
    if settings.EMBEDDER != "openai":
        return str(settings.EMBEDDER)
    host = urlsplit(settings.OPENAI_BASE_URL or "").hostname
    return "openai" if host in {None, OPENAI_HOST} else "openai_compatible"
