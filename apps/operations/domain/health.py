"""Can this process serve?"""

from collections.abc import Callable

import structlog
from celery import current_app
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from apps.isolation.row_security import check_row_security
from apps.operations.domain.restoring import check_restored
from apps.tenants.domain.tenant_keys import check_master_key

logger = structlog.get_logger("memoryhub.health")

BROKER_SECONDS = 2


def is_ready() -> bool:
    """Whether every part is in order; the first that is not goes to the log by name."""
    return all(_passes(name, check) for name, check in CHECKS.items())


def check_migrations() -> None:
    executor = MigrationExecutor(connections["default"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("Migrations are missing.")


def check_broker() -> None:
    with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)


CHECKS: dict[str, Callable[[], None]] = {
    "migrations": check_migrations,
    "isolation": check_row_security,
    "keys": check_master_key,
    "restore": check_restored,
    "broker": check_broker,
}


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever it is, this part is not ready
        logger.warning("not ready", part=name, error=type(error).__name__)
        return False
    return True
