"""What a web server or worker looks at before it serves."""

import sys
from contextlib import suppress

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db import Error, connection

from apps.isolation.row_security import check_row_security
from apps.operations.domain.restoring import check_restored
from apps.operations.domain.telemetry import report_start
from apps.tenants.domain.tenant_keys import check_master_key


def check_start() -> None:
    """End the process with one line where row-level security or the master key is not in order.

    Or where the database was restored and what was erased since is still in it.

    A database that does not answer or is not prepared yet ends nothing: /readyz waits for it.
    """
    try:
        check_restored()
        check_row_security()
        check_master_key()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except (Error, ObjectDoesNotExist):
        return
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # the worker forks


def tell_start() -> None:
    """Let telemetry report the start, where it is on; a start never fails for it."""
    with suppress(Error, ObjectDoesNotExist):
        report_start()
