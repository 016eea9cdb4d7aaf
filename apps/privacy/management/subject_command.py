"""What the commands about one person share."""

import os
import secrets
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import ScriptCommand
from apps.common.errors import Conflict
from apps.memories.enums import EntityKind
from apps.memories.filters import check_entity_id
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.domain.work import run_request
from apps.privacy.enums import RequestKind, RequestState, Via
from apps.privacy.models import Request
from apps.privacy.queries import read_request
from apps.tenants.queries import get_tenant


class SubjectCommand(ScriptCommand):
    """`--tenant SLUG` and one of `--user`, `--agent`, `--app`, `--run`."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        whom = parser.add_mutually_exclusive_group(required=True)
        for kind in EntityKind:
            whom.add_argument(f"--{kind.value}", metavar="ID")

    def run_to_end(self, options: dict[str, Any], kind: RequestKind) -> Request:
        """Open a request and do its work here; Conflict where it can't be done now."""
        tenant = get_tenant(options["tenant"])
        subject = next(one for one in EntityKind if options[one.value] is not None)
        name = check_entity_id(options[subject.value], field=subject.value)
        new = NewRequest(kind, subject, name, via=Via.COMMAND)
        request, _ = open_request(tenant_id=tenant.id, new=new, by=SYSTEM)
        done = request
        while done.state == RequestState.RUNNING:
            run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM)
            done = read_request(tenant_id=tenant.id, request_id=request.id)
            if done.state == RequestState.RUNNING:  # a worker has it, or a step is tried again
                time.sleep(1)
        if done.state != RequestState.DONE:
            raise Conflict(_explain(done))
        return done


def write_file(path: Path, data: Any) -> None:
    """Whole or not at all, readable by its owner only. `data` yields bytes."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for piece in data:
                file.write(piece)
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _explain(request: Request) -> str:
    reasons = {
        RequestState.BLOCKED_BY_HOLD: "it is under a legal hold",
        RequestState.VERIFIED: "an operator has to approve it",
        RequestState.FAILED: f"it failed ({request.failure})",
    }
    reason = reasons.get(RequestState(request.state), request.state)
    return f"Request {request.id} is not done: {reason}."
