"""What a tenant says about itself to the people, and how it handles their requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Invalid
from apps.isolation.scope import current_tenant_id
from apps.privacy.models import Particulars

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Said:
    """Printed in copies and refusals: Art. 13 to 15 GDPR."""

    controller: str = ""
    contact: str = ""
    officer: str = ""
    purposes: str = ""
    legal_basis: str = ""
    recipients: str = ""
    retention: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Handling:
    said: Said = field(default_factory=Said)
    holidays: Sequence[date] = ()
    has_four_eyes: bool = False
    has_api_approval: bool = False
    is_blocking: bool = False


def read_handling() -> Handling:
    """The scope's tenant's; what was never set is empty and off. One statement."""
    row = Particulars.objects.first()
    if row is None:
        return Handling()
    return Handling(
        said=Said(**row.particulars),
        holidays=[date.fromisoformat(day) for day in row.holidays],
        has_four_eyes=row.has_four_eyes,
        has_api_approval=row.has_api_approval,
        is_blocking=row.is_blocking,
    )


def change_handling(*, handling: Handling, by: Actor) -> None:
    """Replace everything, in the open scope. Refuses texts that are too long."""
    said = {one.name: getattr(handling.said, one.name) for one in fields(Said)}
    _check(said)
    row = Particulars.objects.first() or Particulars()
    row.particulars = said
    row.holidays = [day.isoformat() for day in sorted(set(handling.holidays))]
    row.has_four_eyes = handling.has_four_eyes
    row.has_api_approval = handling.has_api_approval
    row.is_blocking = handling.is_blocking
    row.save()
    record(
        Action.PRIVACY_CONFIGURE,
        by=by,
        target_id=current_tenant_id(),
        four_eyes=handling.has_four_eyes,
        api_approval=handling.has_api_approval,
        blocking=handling.is_blocking,
    )


def _check(said: Mapping[str, str]) -> None:
    for name, text in said.items():
        if len(text) > LONGEST:
            raise Invalid(f"{name} may have {LONGEST} characters.", field=name)
