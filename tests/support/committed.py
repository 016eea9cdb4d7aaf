"""What tests write: committed and removed as the owner, or undone.

Nothing is flushed, so the instance's tenant, its secrets and the embedding model stay.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections, transaction

from apps.accounts.models import Operator
from apps.audit.models import (
    AuditCheckpoint,
    AuditDetail,
    AuditEvent,
    AuditSeal,
    SigningKey,
)
from apps.isolation.scope import INSTANCE_TENANT_ID
from apps.memories.models import EmbeddingModel
from apps.tenants.models import Tenant
from tests.support import sentinel
from tests.support.kernel import quote_table, tenant_models


@contextmanager
def committing(blocker: Any) -> Iterator[None]:
    with blocker.unblock():
        tenants = list(Tenant.objects.values_list("id", flat=True))
        operators = list(Operator.objects.values_list("id", flat=True))
        models = list(EmbeddingModel.objects.values_list("id", flat=True))
        try:
            yield
        finally:
            connections["default"].close()
            _remove_all_but(tenants, operators, models)
            connections["owner"].close()


@contextmanager
def undone() -> Iterator[None]:
    """A transaction of the test's, not the application's: see tests/support/outgoing.py."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def db(django_db_setup, django_db_blocker):
    """In place of pytest-django's: one transaction around a test would be no trial of a pooler."""
    with committing(django_db_blocker):
        yield


def _remove_all_but(tenants, operators, models):
    with sentinel.off("committed rows"), connections["owner"].cursor() as cursor:
        tables = [quote_table(model) for model in _children_first()]
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM memories_embeddingmodel WHERE NOT id = ANY(%s)", [models])
        cursor.execute("DELETE FROM telemetry_outboundhost")
        cursor.execute("DELETE FROM audit_due")
        cursor.execute("DELETE FROM memories_due")
        cursor.execute("DELETE FROM memories_journal")
        cursor.execute("DELETE FROM tenants_invitation WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM privacy_due")
        cursor.execute("DELETE FROM privacy_subjectlink")
        cursor.execute("DELETE FROM tenants_membership WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM tenants_apikey WHERE NOT tenant_id = ANY(%s)", [tenants])
        cursor.execute("DELETE FROM tenants_tenant WHERE NOT id = ANY(%s)", [tenants])
        for table in (
            "mfa_authenticator",
            "usersessions_usersession",
            "socialaccount_socialaccount",
        ):
            cursor.execute(f"DELETE FROM {table} WHERE NOT user_id = ANY(%s)", [operators])
        cursor.execute("DELETE FROM accounts_tally")
        cursor.execute("DELETE FROM accounts_operator WHERE NOT id = ANY(%s)", [operators])
        cursor.execute(
            f"DELETE FROM {quote_table(AuditEvent)} WHERE tenant_id = %s AND action <> %s",
            [INSTANCE_TENANT_ID, "tenant.create"],
        )
        for model in (AuditDetail, AuditSeal, AuditCheckpoint, SigningKey):
            cursor.execute(
                f"DELETE FROM {quote_table(model)} WHERE tenant_id = %s", [INSTANCE_TENANT_ID]
            )
        cursor.execute("DELETE FROM keys.secret WHERE name LIKE 'audit-signing-%'")


def _children_first():
    order = ("Delivery", "Certificate", "Note", "SubjectCopy", "Feedback", "MemoryExport")
    order += ("Source", "Message", "Job", "Vector", "Version", "Memory", "Entity")
    return sorted(
        tenant_models(),
        key=lambda model: order.index(model.__name__) if model.__name__ in order else len(order),
    )
