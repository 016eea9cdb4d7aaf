from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.common.actor import SYSTEM
from apps.common.errors import Invalid, NotFound
from apps.tenants.domain.api_keys import (
    authenticate_key,
    create_api_key,
    find_api_key,
    revoke_api_key,
)
from apps.tenants.models import ApiKey
from apps.tenants.secrets import KeyText, parse_key_text
from tests.support.kernel import dump_rows, find_plain

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make(tenant, **fields):
    return create_api_key(**{"tenant": tenant, "name": "Booking app", "by": SYSTEM} | fields)


def count_updates(use):
    with CaptureQueriesContext(connection) as captured:
        use()
    return sum(query["sql"].startswith("UPDATE") for query in captured.captured_queries)


def test_created_key_authenticates_for_its_tenant(tenant):
    made, text = make(tenant)

    key = authenticate_key(text)

    assert (key, key.tenant, key.name) == (made, tenant, "Booking app")
    assert key.scopes == ["delete", "read", "write"]
    assert text.endswith(key.last_four)


def test_secret_is_not_in_the_database(tenant):
    _, text = make(tenant)

    dump = dump_rows(tenant.id)

    assert find_plain(dump, parse_key_text(text).secret) == set()
    assert find_plain(dump, parse_key_text(text).lookup_id) == {"tenants.ApiKey"}


def test_two_keys_of_one_secret_have_unequal_hashes(tenant):
    from apps.keys.instance import PEPPER, read_instance_secret
    from apps.tenants.domain.api_keys import _hash

    pepper = read_instance_secret(PEPPER)

    assert _hash(pepper, KeyText("a" * 12, "s" * 43)) != _hash(pepper, KeyText("b" * 12, "s" * 43))


def test_wrong_secret_does_not_authenticate(tenant):
    _, text = make(tenant)
    right = parse_key_text(text)

    assert authenticate_key(str(KeyText(right.lookup_id, "0" * 43))) is None
    assert authenticate_key(str(KeyText("0" * 12, right.secret))) is None


def test_secret_of_another_key_does_not_authenticate(tenant, other_tenant):
    ours, theirs = (parse_key_text(make(each)[1]) for each in (tenant, other_tenant))

    assert authenticate_key(str(KeyText(ours.lookup_id, theirs.secret))) is None


@pytest.mark.parametrize("text", ["", "nonsense", "mhk_a_b", "é"])
def test_malformed_key_costs_no_statement(db, text):
    with CaptureQueriesContext(connection) as captured:
        assert authenticate_key(text) is None

    assert len(captured) == 0


def test_key_that_has_expired_already_is_not_made(tenant):
    with time_machine.travel(NOON, tick=False), pytest.raises(Invalid) as error:
        make(tenant, expires_at=NOON)

    assert error.value.field == "expires_at"


@pytest.mark.parametrize(("passed", "is_live"), [(-1, True), (0, False), (1, False)])
def test_key_expires_at_its_moment(tenant, passed, is_live):
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        _, text = make(tenant, expires_at=NOON)

    with time_machine.travel(NOON + timedelta(seconds=passed), tick=False):
        assert (authenticate_key(text) is not None) is is_live


def test_revoked_key_does_not_authenticate_from_then_on(tenant):
    key, text = make(tenant)
    _, other = make(tenant)

    revoke_api_key(key=key, by=SYSTEM)

    assert authenticate_key(text) is None
    assert authenticate_key(other) is not None


def test_key_revoked_again_keeps_its_first_moment(tenant):
    key, _ = make(tenant)
    for hours in (0, 1):
        with time_machine.travel(NOON + hours * HOUR, tick=False):
            revoke_api_key(key=key, by=SYSTEM)

    assert ApiKey.objects.get().revoked_at == NOON


def test_last_use_is_written_once_an_hour(tenant):
    _, text = make(tenant)
    updates, last = [], []

    for minutes in (0, 1, 59, 60, 61):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            updates.append(count_updates(lambda: authenticate_key(text)))
            last.append(ApiKey.objects.get().last_used_at)

    assert updates == [1, 0, 0, 1, 0]
    assert last == [NOON, NOON, NOON, NOON + HOUR, NOON + HOUR]


def test_refused_key_leaves_no_last_use(tenant):
    key, text = make(tenant)
    revoke_api_key(key=key, by=SYSTEM)

    authenticate_key(text)

    assert ApiKey.objects.get().last_used_at is None


def test_live_key_costs_one_statement(tenant):
    _, text = make(tenant)
    authenticate_key(text)

    with CaptureQueriesContext(connection) as captured:
        authenticate_key(text)

    assert len(captured) == 1


@pytest.mark.parametrize("name", ["", "  ", "n" * 81])
def test_key_without_a_usable_name_is_refused(tenant, name):
    with pytest.raises(Invalid, match="1 to 80 characters") as error:
        make(tenant, name=name)

    assert error.value.field == "name"
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize("scopes", [[], ["root"], ["read", "root"]])
def test_key_with_other_scopes_is_refused(tenant, scopes):
    with pytest.raises(Invalid, match="read, write, delete, privacy, admin") as error:
        make(tenant, scopes=scopes)

    assert error.value.field == "scopes"


def test_scopes_are_kept_once_and_in_order(tenant):
    key, _ = make(tenant, scopes=["write", "read", "write"])

    assert key.scopes == ["read", "write"]


@pytest.mark.parametrize("scopes", [[], ["root"]])
def test_database_refuses_other_scopes(tenant, scopes):
    key, _ = make(tenant)

    with pytest.raises(IntegrityError, match="tenants_apikey_scopes"), transaction.atomic():
        ApiKey.objects.filter(id=key.id).update(scopes=scopes)


def test_key_is_found_by_its_lookup_id(tenant):
    key, _ = make(tenant)

    assert find_api_key(key.lookup_id) == key
    with pytest.raises(NotFound, match="unknown"):
        find_api_key("unknown")
