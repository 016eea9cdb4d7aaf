"""Limits of requests a minute, per key and per tenant."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from apps.api import rate_limits
from apps.api.rate_limits import take_request
from apps.common.ids import uuid7
from memoryhub.embedded import processes, valkey
from memoryhub.embedded.layout import prepare
from tests.support.processes import wait_until

PING = "/v1/ping/"
in_valkey = pytest.mark.parametrize("place", ["Valkey"])


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    layout = prepare(tmp_path_factory.mktemp("valkey"))
    server = processes.spawn(valkey.command(layout))
    wait_until(valkey.socket(layout).exists)
    yield f"unix://{valkey.socket(layout)}"
    processes.kill_group(server)


@pytest.fixture(params=["Valkey", "PostgreSQL"])
def place(request):
    """Where requests are counted."""
    return request.param


@pytest.fixture
def limit(settings, place, counter):
    def limit(**limits):
        settings.RATE_LIMIT_URL = counter if place == "Valkey" else ""
        for name, value in limits.items():
            setattr(settings, f"RATE_LIMIT_PER_{name.upper()}", value)

    rate_limits._script.cache_clear()
    yield limit
    rate_limits._script.cache_clear()


def read(answer):
    names = ("Limit", "Remaining")
    return answer.status_code, *(answer.headers.get(f"X-RateLimit-{name}") for name in names)


def test_none_are_set_by_default(api):
    answer = api.get(PING)

    assert read(answer) == (200, None, None)
    assert "Retry-After" not in answer.headers


def test_a_key_has_so_many_and_no_more(api, limit):
    limit(key=2)

    assert [read(api.get(PING)) for _ in range(4)] == [
        (200, "2", "1"),
        (200, "2", "0"),
        (429, "2", "0"),
        (429, "2", "0"),
    ]


def test_who_is_refused_is_told_when_to_come_again(api, limit):
    limit(key=1)
    api.get(PING)

    answer = api.get(PING)

    assert answer.status_code == 429
    assert answer.json() == {"detail": "Too many requests.", "error": "Too many requests."}
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["Retry-After"] == answer.headers["X-RateLimit-Reset"]


def test_keys_of_a_tenant_share_its_limit(api, as_key, make_key, other_api, limit):
    limit(tenant=3, key=2)
    second = as_key(make_key())

    answers = [client.get(PING).status_code for client in (api, api, api, second, second)]

    assert answers == [200, 200, 429, 200, 429]
    assert other_api.get(PING).status_code == 200


def test_what_is_refused_counts_for_neither(db, limit):
    limit(tenant=2, key=1)
    tenant_id, first, second = uuid7(), uuid7(), uuid7()

    taken = [
        take_request(key_id=key_id, tenant_id=tenant_id) for key_id in (first, first, first, second)
    ]

    assert [one.is_allowed for one in taken] == [True, False, False, True]


@in_valkey
def test_many_at_once_get_no_more_than_there_are(limit):
    limit(tenant=20)
    tenant_id = uuid7()

    with ThreadPoolExecutor(8) as pool:
        taken = list(
            pool.map(lambda _: take_request(key_id=uuid7(), tenant_id=tenant_id), range(60))
        )

    assert sum(one.is_allowed for one in taken) == 20


@in_valkey
def test_a_minute_later_there_are_new_ones(api, limit, counter, tenant):
    limit(tenant=1)
    assert [api.get(PING).status_code for _ in range(2)] == [200, 429]

    with redis.Redis.from_url(counter) as client:
        [name] = client.keys(f"*{tenant.id}*")
        assert 0 < client.ttl(name) <= 60
        client.expire(name, 0)

    assert api.get(PING).status_code == 200


@in_valkey
def test_requests_go_through_where_nothing_counts(api, limit, settings, tmp_path):
    limit(key=1)
    settings.RATE_LIMIT_URL = f"unix://{tmp_path}/nothing.sock"

    assert [api.get(PING).status_code for _ in range(3)] == [200, 200, 200]


def test_a_writing_that_is_refused_writes_nothing(api, limit, settings):
    limit(key=1)
    say = {"messages": [{"role": "user", "content": "tea"}], "user_id": "ada", "infer": False}
    api.get(PING)

    assert api.post("/v3/memories/add/", say).status_code == 429

    settings.RATE_LIMIT_PER_KEY = 0
    assert api.texts() == []
