"""Reading what is kept about the instance."""

from dataclasses import dataclass
from datetime import datetime

from apps.operations.models import IsolationProof


@dataclass(frozen=True, slots=True)
class Verdict:
    is_ok: bool
    proved_at: datetime


def get_last_proof() -> IsolationProof | None:
    """With its report. One statement."""
    return IsolationProof.objects.order_by("-proved_at").first()


def get_last_verdict() -> Verdict | None:
    """The last proof without its report: one short statement, for every page."""
    rows = IsolationProof.objects.order_by("-proved_at").values_list("is_ok", "proved_at")
    row = rows.first()
    return Verdict(*row) if row else None
