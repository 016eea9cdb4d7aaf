"""GET /dashboard/hosts/, and the same list on the page about telemetry"""

import pytest

from apps.telemetry.domain.hosts import Calls, HostKey, add_calls
from apps.telemetry.enums import Purpose
from apps.tenants.enums import Role
from tests.unit.telemetry.test_outbound import FIRST

PAGE = "/dashboard/hosts/"


@pytest.fixture
def called(tenant, other_tenant):
    for number, (host, owner) in enumerate(
        [
            ("ours.example", tenant.id),
            ("theirs.example", other_tenant.id),
            ("nobodys.example", None),
        ]
    ):
        call = Calls(count=2, sent=1_000 + number, last_at=FIRST)
        add_calls({HostKey(host, Purpose.EMBEDDINGS, owner): call})


def rows(hosts):
    return [(row.host, row.purpose, row.tenant, row.calls, row.bytes_out) for row in hosts]


def test_tenant_sees_its_own(browser, called):
    answer = browser.get(PAGE)

    assert rows(answer.context["hosts"]) == [
        ("ours.example", "embeddings", "Harbour Clinic", 2, 1_000)
    ]
    assert b"theirs.example" not in answer.content


def test_instance_owner_sees_all_on_the_page_about_telemetry(browser, called):
    hosts = browser.get("/dashboard/telemetry/").context["telemetry"].hosts

    assert rows(hosts) == [
        ("nobodys.example", "embeddings", "none", 2, 1_002),
        ("ours.example", "embeddings", "Harbour Clinic", 2, 1_000),
        ("theirs.example", "embeddings", "Other Clinic", 2, 1_001),
    ]


def test_without_calls_it_says_so(browser, tenant):
    assert b"No other host was called" in browser.get(PAGE).content


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.PRIVACY_OFFICER, 200), (Role.EDITOR, 403), (Role.VIEWER, 403)],
)
def test_roles(make_operator, sign_in, role, status):
    assert sign_in(make_operator(role=role)).get(PAGE).status_code == status


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, tenant, django_assert_num_queries, count):
    for number in range(count):
        key = HostKey(f"h{number}.example", Purpose.EMBEDDINGS, tenant.id)
        add_calls({key: Calls().add(1, FIRST)})
    browser.get(PAGE)

    with django_assert_num_queries(10):
        browser.get(PAGE)
