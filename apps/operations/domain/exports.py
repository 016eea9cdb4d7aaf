"""Writing an export to a file: whole or not at all, readable by its owner only."""

import os
import secrets
from pathlib import Path
from uuid import UUID

from apps.audit.domain.exporting import Export, export_trail
from apps.common.actor import Actor


def write_export(*, tenant_id: UUID, path: Path, by: Actor) -> Export:
    """OSError where the file can't be written."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            export = export_trail(tenant_id=tenant_id, out=file, by=by)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return export
