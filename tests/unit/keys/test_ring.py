"""Tenant key, entity key, secrets: who opens whom, and in which scope."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.common.crypto import SealBroken
from apps.common.ids import uuid7
from apps.isolation.scope import INSTANCE_TENANT_ID, TenantScopeError, tenant_scope
from apps.keys import instance
from apps.keys.instance import PEPPER, forget_instance_secrets, read_instance_secret
from apps.keys.master import MasterKeyMismatch
from apps.keys.models import EntityKey, Secret, TenantKey
from apps.keys.ring import KeyDestroyed, create_secret, current_ring, read_secret
from apps.keys.tokens import make_token, make_word_token
from tests.support.kernel import add


def test_entity_key_of_another_entity_does_not_open(tenant, cold_keys):
    add(tenant, "one", user="ada")
    add(tenant, "two", user="bob")

    with tenant_scope(tenant.id):
        first, second = EntityKey.objects.order_by("id")
        EntityKey.objects.filter(id=second.id).update(wrapped=first.wrapped)
    with tenant_scope(tenant.id), pytest.raises(SealBroken):
        current_ring().entity(second.id)


def test_tenant_key_of_another_tenant_does_not_open(tenant, other_tenant, cold_keys):
    with tenant_scope(other_tenant.id):
        theirs = TenantKey.objects.get().wrapped
    with tenant_scope(tenant.id):
        TenantKey.objects.update(wrapped=theirs)

    with tenant_scope(tenant.id), pytest.raises(MasterKeyMismatch):
        _ = current_ring().tenant


def test_ring_reads_entity_keys_together_and_the_tenants_with_the_scope(tenant):
    add(tenant, "a text", user="ada", agent="bot", run="monday")

    with tenant_scope(tenant.id):
        ids = list(EntityKey.objects.values_list("id", flat=True))
        with CaptureQueriesContext(connection) as captured:
            current_ring().load(ids)
            for entity_id in ids:
                current_ring().entity(entity_id)

    assert (len(ids), len(captured)) == (3, 1)


def test_ring_ends_with_its_scope(tenant):
    with tenant_scope(tenant.id):
        first = current_ring()
        assert current_ring() is first

    with tenant_scope(tenant.id):
        assert current_ring() is not first
    with pytest.raises(TenantScopeError):
        current_ring()


def test_keys_held_for_writing_are_locked(committed_tenant):
    add(committed_tenant, "a text")

    def try_to_destroy():
        try:
            with tenant_scope(committed_tenant.id), connection.cursor() as cursor:
                cursor.execute(
                    'SELECT count(*) FROM (SELECT id FROM "keys"."entity_key"'
                    " WHERE tenant_id = %s FOR UPDATE SKIP LOCKED) AS free",
                    [committed_tenant.id],
                )
                return cursor.fetchone()[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(committed_tenant.id):
            current_ring().load_for_writing(EntityKey.objects.values_list("id", flat=True))
            during = pool.submit(try_to_destroy).result()
        after = pool.submit(try_to_destroy).result()

    assert (during, after) == (0, 1)


def test_tokens_differ_between_tenants(tenant, other_tenant):
    made = []
    for each in (tenant, other_tenant):
        with tenant_scope(each.id):
            made.append((make_token("entity", b"ada"), make_word_token("ada")))

    assert made[0][0] != made[1][0]
    assert made[0][1] != made[1][1]


def test_tokens_are_the_same_again(tenant):
    with tenant_scope(tenant.id):
        first = make_token("entity", b"ada"), make_word_token("ada")
    with tenant_scope(tenant.id):
        assert (make_token("entity", b"ada"), make_word_token("ada")) == first


@pytest.mark.parametrize(
    ("purpose", "values"),
    [("repeat", [b"ad", b"a"]), ("entity", [b"ada"]), ("entity", [b"a", b"da"])],
)
def test_tokens_tell_purposes_and_values_apart(tenant, purpose, values):
    with tenant_scope(tenant.id):
        assert make_token(purpose, *values) != make_token("entity", b"ad", b"a")


def test_word_token_is_a_signed_64_bit_number(tenant):
    with tenant_scope(tenant.id):
        tokens = [make_word_token(f"word {number}") for number in range(64)]

    assert all(-(2**63) <= token < 2**63 for token in tokens)
    assert {token < 0 for token in tokens} == {True, False}


def test_secret_is_made_once_and_kept(tenant):
    with tenant_scope(tenant.id):
        create_secret("test")
        first = read_secret("test").raw

        create_secret("test")

        assert read_secret("test").raw == first


def test_secret_under_another_name_does_not_open(tenant, cold_keys):
    with tenant_scope(tenant.id):
        create_secret("one")
        Secret.objects.update(name="two")
    with tenant_scope(tenant.id), pytest.raises(SealBroken):
        read_secret("two")


def test_secret_that_is_not_there_is_told(tenant):
    with tenant_scope(tenant.id), pytest.raises(Secret.DoesNotExist):
        read_secret("test")


def test_instance_secret_is_read_once_a_process(db, monkeypatch):
    forget_instance_secrets()
    first = read_instance_secret(PEPPER)

    with CaptureQueriesContext(connection) as captured:
        assert read_instance_secret(PEPPER) is first

    assert len(captured) == 0


def test_instance_secret_in_another_tenants_scope_raises_unless_known(tenant):
    forget_instance_secrets()

    with transaction.atomic(), tenant_scope(tenant.id), pytest.raises(TenantScopeError):
        read_instance_secret(PEPPER)
    read_instance_secret(PEPPER)
    with tenant_scope(tenant.id):
        assert read_instance_secret(PEPPER) is instance._known[PEPPER]


def test_instance_secrets_lie_in_the_instance_tenant(db):
    with tenant_scope(INSTANCE_TENANT_ID):
        names = sorted(Secret.objects.values_list("name", flat=True))

    assert names == ["api-key-pepper", "erasure-journal", "telemetry"]


def test_tenant_without_a_key_can_seal_nothing(db):
    with pytest.raises(KeyDestroyed), tenant_scope(uuid7()):
        _ = current_ring().tenant
