"""What tests of the data apps share: writing memories, and reading rows as the database holds them."""

from datetime import UTC, datetime

from django.apps import apps
from django.db import connection

from apps.accounts.models import Tally
from apps.audit.models import AuditDue
from apps.common.actor import SYSTEM
from apps.isolation.models import TenantOwned
from apps.isolation.scope import tenant_scope
from apps.memories.domain.memories import add_memories
from apps.memories.domain.search import search_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.filters import parse_filters
from apps.memories.models import JournalLine
from apps.tenants.models import Tenant
from tests.support.sentinel import bare_cursor

SAID_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def make_new(*messages, metadata=None, expires_on=None, is_immutable=False, said_at=SAID_AT, **ids):
    """Texts, or (speaker, text); for user `ada` unless other entities are named."""
    made = [
        NewMessage(message) if isinstance(message, str) else NewMessage(message[1], name=message[0])
        for message in messages
    ]
    names = ids or {"user": "ada"}
    return NewMemories(
        messages=made,
        entity_ids={EntityKind(kind): name for kind, name in names.items()},
        created_at=said_at,
        metadata=metadata,
        expires_on=expires_on,
        is_immutable=is_immutable,
    )


def add(tenant, *messages, by=SYSTEM, **fields):
    """Keep these messages; answers the ids of their memories."""
    result = add_memories(tenant_id=tenant.id, new=make_new(*messages, **fields), by=by)
    return [added.memory_id for added in result.added]


def search(tenant, query, filters=None, **fields):
    tree = parse_filters(filters or {"user_id": "ada"})
    return search_memories(tenant_id=tenant.id, query=query, filters=tree, **fields).hits


def find(tenant, query, filters=None, **fields):
    """The texts that a search answers, best first."""
    return [hit.memory.text for hit in search(tenant, query, filters, **fields)]


def tenant_models():
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def quote_table(model):
    return connection.ops.quote_name(model._meta.db_table)


def dump_rows(tenant_id, *, is_alone=False):
    """Every row that the application can see in this scope, by model, as PostgreSQL writes it.

    What waits to be sealed is global: of that, what is this tenant's. `is_alone` takes no more of
    any global model that names tenants. Hashes and counts that name none are left out.
    """
    parts = []
    for model in set(apps.get_models()) - {JournalLine, Tally}:
        rows = f"SELECT row::text FROM {quote_table(model)} AS row {_of(tenant_id, model, is_alone)} ORDER BY 1"
        parts.append(f"SELECT '{model._meta.label}', ARRAY({rows})")
    with tenant_scope(tenant_id), bare_cursor("bare rows") as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def _of(tenant_id, model, is_alone):
    if not is_alone and model is not AuditDue:
        return ""
    if model is Tenant:
        return f"WHERE id = '{tenant_id}'"
    names = {field.attname for field in model._meta.concrete_fields}
    return f"WHERE tenant_id = '{tenant_id}'" if "tenant_id" in names else ""


def find_plain(dump, word):
    """The models in whose rows the word stands, as text or as bytes."""
    forms = (word, word.encode().hex())
    return {
        label for label, rows in dump.items() if any(form in row for row in rows for form in forms)
    }
