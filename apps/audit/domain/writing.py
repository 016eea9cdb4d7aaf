"""Writing events: each goes on the list of what waits for its seal in the very same statement.

A row for each event, in a table where nobody looks for it but the sealer, is written without
waiting. One row for many, by ON CONFLICT, would make writers of a busy tenant wait for each
other's commits.
"""

from functools import cached_property

from apps.audit.enums import Work
from apps.audit.models import AuditDue, AuditEvent
from apps.isolation.scope import SETTING
from apps.isolation.writes import Insert


class InsertEvents(Insert[AuditEvent]):
    @cached_property
    def _sql(self) -> str:
        return (
            f"WITH written AS ({super()._sql})"  # noqa: S608
            f" INSERT INTO {AuditDue._meta.db_table} (work, tenant_id, item_id)"
            f" SELECT '{Work.SEAL}', current_setting('{SETTING}')::uuid, id FROM written"
            " RETURNING item_id"
        )
