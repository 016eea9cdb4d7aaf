"""What the commands about tenants, keys and operators have in common."""

from typing import ClassVar

from apps.common.commands import ScriptCommand
from apps.common.errors import DomainError
from apps.keys.master import MasterKeyMismatch, MasterKeyMissing


class TenantCommand(ScriptCommand):
    """Each of them needs the key ring, so its troubles are told in one line as well."""

    refusals: ClassVar = (DomainError, MasterKeyMissing, MasterKeyMismatch)
