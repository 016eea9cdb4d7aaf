import logging
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Operator
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.memories import add_memories, update_memory
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from tests.support.sign_ins import prove_sign_in


@pytest.fixture(autouse=True)
def no_missing_variables(caplog):
    """A template that names what is not there draws nothing, and says so only in the log."""
    caplog.set_level(logging.DEBUG, logger="django.template")
    yield
    missing = [r.getMessage() for r in caplog.records if r.name == "django.template"]
    assert missing == []


@dataclass
class Store:
    """What an application with an API key does, without HTTP."""

    tenant: Any
    by: Actor

    def add(self, *texts, metadata=None, **ids):
        """Keep texts verbatim; answers the ids of their memories."""
        ids = ids or {"user_id": "ada"}
        new = NewMemories(
            messages=[NewMessage(text) for text in texts],
            entity_ids={EntityKind(name.removesuffix("_id")): id_ for name, id_ in ids.items()},
            created_at=timezone.now(),
            metadata=metadata,
        )
        result = add_memories(tenant_id=self.tenant.id, new=new, by=self.by)
        return [added.memory_id for added in result.added]

    def change(self, memory_id, text):
        update_memory(tenant_id=self.tenant.id, memory_id=memory_id, text=text, by=self.by)

    def delete(self, memory_id):
        delete_memory(tenant_id=self.tenant.id, memory_id=memory_id, by=self.by)


@pytest.fixture
def make_store():
    def make(tenant):
        key, _ = create_api_key(tenant=tenant, name="Booking app", by=SYSTEM)
        return Store(tenant, Actor(ActorKind.API_KEY, key.id))

    return make


@pytest.fixture
def store(make_store, tenant):
    return make_store(tenant)


@pytest.fixture
def other_store(make_store, other_tenant):
    return make_store(other_tenant)


@pytest.fixture
def password():
    return "a long pass phrase, not a word"


@pytest.fixture
def make_operator(tenant, password):
    def make(email="ines.moreau@halden.example", **fields):
        given = {"tenant": tenant, "role": Role.OWNER, "by": SYSTEM, "password": password}
        return create_operator(email=email, **given | fields)

    return make


@pytest.fixture
def bare_operator(db):
    """Signed in, but in no tenant."""
    return Operator.objects.create(email="nobody@halden.example")


@pytest.fixture
def sign_in():
    def sign(operator, *, is_recent=True):
        client = Client()
        client.force_login(operator)
        if is_recent:
            prove_sign_in(client, operator)
        return client

    return sign


@pytest.fixture
def browser(make_operator, sign_in):
    return sign_in(make_operator(is_instance_owner=True))
