"""Writing to a tenant's trail, sealing it, and what verification finds of it."""

from dataclasses import dataclass
from typing import Any

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.sealing import seal_tenant
from apps.audit.domain.signing import Signer, read_public_keys, read_signer
from apps.audit.domain.verification import verify_trail
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope


@dataclass
class Trail:
    tenant: Any
    signer: Signer

    @classmethod
    def of(cls, tenant):
        return cls(tenant, read_signer(by=SYSTEM))

    def write(self, count=1, **fields):
        with tenant_scope(self.tenant.id):
            return [record(Action.LOGOUT, by=SYSTEM, **fields) for _ in range(count)]

    def seal(self):
        return seal_tenant(tenant_id=self.tenant.id, signer=self.signer, by=SYSTEM)

    def fill(self):
        """Three segments: events 1 to 4, 5 to 8 and 9 to 12. The first is the tenant's making."""
        for count in (3, 4, 4):
            self.write(count)
            self.seal()
        return self

    def verify(self, **fields):
        return verify_trail(tenant_id=self.tenant.id, keys=read_public_keys(), **fields)

    def problems(self, **fields):
        """(sequence, kind) of each."""
        found = self.verify(**fields).problems
        return [(problem.sequence, str(problem.kind)) for problem in found]
