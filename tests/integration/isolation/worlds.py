"""Two tenants that keep alike things: ours, and theirs with words that nobody else may be shown."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.domain.webhooks import WebhookValues, create_webhook
from apps.memories.enums import EntityKind, WebhookEvent
from apps.memories.models import Entity, Memory, Version
from apps.privacy.domain.list_exports import choose_list
from apps.privacy.domain.purging import Choice, choose_memories
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import RequestKind, Via
from apps.telemetry.domain.hosts import Calls, HostKey, add_calls
from apps.telemetry.enums import Purpose
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.operators import create_operator
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.enums import ApiScope, Role
from apps.tenants.models import ApiKey, Membership
from tests.integration.conftest import Api
from tests.support import jobs
from tests.support.sign_ins import prove_sign_in


@dataclass
class Side:
    """A tenant's ways in, its ids by what they are of, and the names of its entities."""

    tenant: Any
    headers: dict[str, str]
    session: str
    ids: dict[str, UUID]
    names: dict[str, str]
    canaries: list[str]

    def open_browser(self) -> Client:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return client


def make_side(word: str) -> Side:
    """Everything that is only its own begins with the word."""
    tenant = create_tenant(name=f"{word} clinic", slug=f"{word}-clinic", by=SYSTEM)
    key = create_api_key(tenant=tenant, name=f"{word} key", scopes=list(ApiScope), by=SYSTEM)
    api = Api(key[1])
    email = f"{word}.operator@clinic.example"
    operator = create_operator(
        email=email,
        password="a long pass phrase, not a word",
        tenant=tenant,
        role=Role.OWNER,
        is_instance_owner=True,
        by=SYSTEM,
    )
    names = {kind.value: f"{word}-{kind}" for kind in EntityKind}
    ids = fill(api, tenant, word, names)
    host = call_host(tenant, f"{word}.example")
    secrets = [
        f"{word}text",
        f"{word}value",
        f"{word}speaker",
        f"{word} key",
        f"{word} clinic",
        host,
    ]
    canaries = [*secrets, tenant.slug, email, *names.values(), *map(str, ids.values())]
    headers = {"Authorization": f"Token {api.key}"}
    return Side(tenant, headers, sign_in(operator), ids, names, canaries)


def sign_in(operator: Any) -> str:
    client = Client()
    client.force_login(operator)
    prove_sign_in(client, operator)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def call_host(tenant: Any, host: str) -> str:
    """As if an embedder of the tenant's texts had been called there."""
    add_calls({HostKey(host, Purpose.EMBEDDINGS, tenant.id): Calls().add(100, timezone.now())})
    return host


def fill(api: Api, tenant: Any, word: str, names: dict[str, str]) -> dict[str, UUID]:
    messages = [
        {"role": "user", "name": f"{word}speaker", "content": f"I drink tea, {word}text {number}."}
        for number in range(3)
    ]
    owners = {f"{kind}_id": name for kind, name in names.items()}
    kept, changed, deleted = api.add(messages=messages, metadata={"note": f"{word}value"}, **owners)
    api.put(f"/v1/memories/{changed}/", {"text": f"I drank tea, {word}text later."})
    api.delete(f"/v1/memories/{deleted}/")
    with tenant_scope(tenant.id):
        entities = {row.kind: row.id for row in Entity.objects.all()}
        version = Version.objects.filter(memory=changed).latest("number").id
        event = AuditEvent.objects.latest("id").id
        export = choose_list(Memory.objects.all(), by=SYSTEM).id
    hook = WebhookValues(
        name=f"{word}text", url="https://hooks.example/", event_types=[WebhookEvent.MEMORY_ADD]
    )
    asked = NewRequest(
        kind=RequestKind.ACCESS,
        subject_kind=EntityKind.USER,
        subject_name=names[EntityKind.USER],
        via=Via.OPERATOR,
    )
    chosen = Choice(memory_ids=[UUID(kept)])
    whose = entities[EntityKind.USER]
    return {
        "webhook": create_webhook(tenant_id=tenant.id, values=hook, by=SYSTEM).id,
        "job": jobs.accept(tenant, f"I drink rum, {word}text.", user=names[EntityKind.USER]),
        "request": open_request(tenant_id=tenant.id, new=asked, by=SYSTEM)[0].id,
        "purge": choose_memories(tenant_id=tenant.id, entity_id=whose, choice=chosen, by=SYSTEM).id,
        "export": export,
        "memory": UUID(kept),
        "changed": UUID(changed),
        "deleted": UUID(deleted),
        **entities,
        "version": version,
        "event": event,
        "operator": Membership.objects.get(tenant=tenant).operator_id,
        "key": ApiKey.objects.get(tenant=tenant).id,
        "tenant": tenant.id,
    }


def make_unknown() -> dict[str, str]:
    """Values that never were anybody's, for each slot."""
    return {"id": str(uuid7()), "name": f"nobody-{uuid7().hex[:8]}"}
