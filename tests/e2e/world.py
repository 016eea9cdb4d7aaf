"""A tenant with a row of everything, and an operator for each role."""

import hashlib
import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.dashboard.urls import urlpatterns
from apps.dashboard.views.requests import MOVES
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.models import Delivery, Job, Memory, Webhook
from apps.operations.domain.canaries import plant_canary
from apps.operations.domain.demo import load_demo
from apps.privacy.domain.links import make_link
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.domain.work import run_request
from apps.privacy.enums import RequestKind, Via
from apps.privacy.models import ListExport, Purge, Request
from apps.telemetry.models import SentReport
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.invitations import invite_operator
from apps.tenants.domain.operators import create_operator
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.enums import Role
from tests.support.kernel import add

PASSWORD = "a long pass phrase, not a word"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
INSTANCE = "instance owner"


@dataclass
class World:
    tenant: Any
    operators: dict[str, Operator]
    ids: dict[str, list[Any]]
    links: list[str]  # open without a sign-in

    def list_paths(self) -> list[str]:
        """Every address of the dashboard, with ids of what is there."""
        return [path for pattern in urlpatterns for path in self.fill(pattern)]

    def fill(self, pattern: Any) -> list[str]:
        names = list(pattern.pattern.converters)
        place = "instance " if pattern.name.startswith("instance-audit") else ""
        values = [self.ids.get(place + name) or self.ids[name] for name in names]
        return [
            reverse(f"dashboard:{pattern.name}", kwargs=dict(zip(names, one, strict=True)))
            for one in product(*values)
        ]


def plant_world() -> World:
    mark = uuid.uuid4().hex[:8]
    tenant = create_tenant(name="Harbour", slug=f"harbour-{mark}", by=SYSTEM)
    operators = make_operators(tenant, mark)
    load_demo(tenant_id=tenant.id, by=SYSTEM)
    rows = plant_canary(tenant=tenant, by=SYSTEM).rows
    request = rows[Request]
    email = f"guest-{mark}@halden.example"
    invitation, token = invite_operator(tenant=tenant, email=email, role=Role.VIEWER, by=SYSTEM)
    ids = {
        "kind": list(EntityKind),
        "entity_id": [request.subject_id],
        "memory_id": list_memories(tenant),
        "event_id": [rows[AuditEvent].id],
        "instance event_id": [find_event()],
        "key_id": [create_api_key(tenant=tenant, name="Booking app", by=SYSTEM)[0].id],
        "session_id": [1],
        "operator_id": [operators[Role.VIEWER].id],
        "invitation_id": [invitation.id],
        "tenant_id": [tenant.id],
        "report_id": [make_report()],
        "webhook_id": [rows[Webhook].id],
        "delivery_id": [rows[Delivery].id],
        "job_id": [rows[Job].id],
        "request_id": [request.id, erase(tenant, "bob")],
        "purge_id": [rows[Purge].id],
        "export_id": [rows[ListExport].id],
        "move": list(MOVES),
        "slug": ["rooms", "data-inventory"],
    }
    person = make_link(tenant_id=tenant.id, request_id=request.id, by=SYSTEM)
    return World(tenant, operators, ids, [f"/person/{person}/", f"/invitation/{token}/"])


def make_operators(tenant: Any, mark: str) -> dict[str, Operator]:
    """One of each role; the instance owner has an authenticator app as well."""
    operators = {
        role: create_operator(
            email=f"{role}-{mark}@halden.example",
            password=PASSWORD,
            tenant=tenant,
            role=role,
            by=SYSTEM,
        )
        for role in Role
    }
    owner = create_operator(
        email=f"instance-{mark}@halden.example",
        password=PASSWORD,
        tenant=tenant,
        role=Role.OWNER,
        is_instance_owner=True,
        by=SYSTEM,
    )
    TOTP.activate(owner, SECRET)
    RecoveryCodes.activate(owner)
    return {**operators, INSTANCE: owner}


def list_memories(tenant: Any) -> list[Any]:
    """One that is kept, one that was deleted."""
    with tenant_scope(tenant.id):
        kept = Memory.objects.live().latest("id").id
        return [kept, Memory.objects.exclude(deleted_at=None).latest("id").id]


def find_event() -> Any:
    with tenant_scope(INSTANCE_TENANT_ID):
        return AuditEvent.objects.latest("id").id


def make_report() -> Any:
    body = b'{"api_key": "phc_test", "batch": []}'
    report = SentReport.objects.create(
        sent_at=timezone.now(),
        events=["heartbeat"],
        attempt=1,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        http_status=200,
        outcome="delivered",
    )
    return report.id


def erase(tenant: Any, user: str) -> Any:
    """A request that is done, with its certificate."""
    add(tenant, "Collects lighthouses.", user=user)
    new = NewRequest(RequestKind.ERASURE, EntityKind.USER, user, via=Via.COMMAND)
    request, _ = open_request(tenant_id=tenant.id, new=new, by=SYSTEM)
    while run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM):
        pass
    return request.id
