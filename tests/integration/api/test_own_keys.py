"""API keys by an API key with the scope `admin`: listed, made with a text told once, revoked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.tenants.enums import ApiScope
from apps.tenants.models import ApiKey
from tests.integration.conftest import Api

PATH = "/api/v1/keys/"
ALL = list(ApiScope)


@pytest.fixture
def admin(make_key):
    return Api(make_key(name="admin", scopes=ALL))


def make(admin, **fields):
    answer = admin.post(PATH, {"name": "booking"} | fields)
    assert answer.status_code == 201, answer.content
    return answer


def test_made_key_works_and_is_told_once(admin, tenant):
    answer = make(admin)
    made = answer.json()

    text = made.pop("key")
    assert answer["Cache-Control"] == "no-store"
    assert made == {
        "id": made["id"],
        "name": "booking",
        "hint": f"{text[:16]}_…{text[-4:]}",
        "scopes": ["delete", "read", "write"],
        "created_at": made["created_at"],
        "expires_at": None,
        "revoked_at": None,
        "last_used_at": None,
    }
    assert Api(text).get("/v1/ping/").json()["project_id"] == str(tenant.id)
    listed = admin.get(PATH)
    assert [row["name"] for row in listed.json()["results"]] == ["booking", "admin"]
    secret = text.rpartition("_")[2]
    assert secret not in listed.content.decode()
    assert secret not in admin.get(f"{PATH}{made['id']}/").content.decode()


def test_revoked_key_is_refused_and_still_listed(admin, tenant):
    made = make(admin).json()
    app = Api(made["key"])
    assert app.get("/v1/ping/").status_code == 200

    answer = admin.delete(f"{PATH}{made['id']}/")

    assert (answer.status_code, answer.json()) == (200, {"message": "API key revoked"})
    assert app.get("/v1/ping/").status_code == 401
    assert admin.get(f"{PATH}{made['id']}/").json()["revoked_at"] is not None
    with tenant_scope(tenant.id):
        actions = AuditEvent.objects.filter(target_id=made["id"]).order_by("id")
        assert list(actions.values_list("action", "actor_kind")) == [
            ("apikey.create", "api_key"),
            ("apikey.revoke", "api_key"),
        ]


def test_key_gives_no_scope_that_it_lacks(make_key):
    admin = Api(make_key(scopes=[ApiScope.ADMIN, ApiScope.READ]))

    for fields in ({}, {"scopes": ["read", "privacy"]}):
        answer = admin.post(PATH, {"name": "more"} | fields)
        assert (answer.status_code, answer.json()["field"]) == (403, "scopes")
    assert make(admin, scopes=["read"]).json()["scopes"] == ["read"]
    assert sorted(ApiKey.objects.values_list("name", flat=True)) == ["booking", "test"]


def test_key_makes_none_that_outlives_it(make_key):
    ends = timezone.now() + timedelta(days=1)
    admin = Api(make_key(scopes=ALL, expires_at=ends))

    for later in (None, (ends + timedelta(seconds=1)).isoformat()):
        answer = admin.post(PATH, {"name": "later", "expires_at": later})
        assert (answer.status_code, answer.json()["field"]) == (403, "expires_at")
    assert make(admin, expires_at=ends.isoformat()).json()["expires_at"] is not None


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_stays(admin, count, django_assert_num_queries):
    for _ in range(count):
        make(admin)
    admin.get(PATH)

    with django_assert_num_queries(4):  # the key, its tenant, the count, the page
        assert admin.get(PATH).json()["count"] == count + 1


def test_pages(admin):
    make(admin)

    first = admin.get(f"{PATH}?page_size=1").json()
    second = admin.get(first["next"].removeprefix("http://testserver")).json()

    assert [first["results"][0]["name"], second["results"][0]["name"]] == ["booking", "admin"]
    assert (first["count"], second["next"]) == (2, None)
    assert admin.get(f"{PATH}?page=4").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes"),
        ({"name": "x", "scopes": "read"}, "scopes"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "expires_at": "soon"}, "expires_at"),
        ({"name": "x", "tenant": "y"}, "tenant"),
    ],
)
def test_wrong_input_is_named(admin, body, field):
    answer = admin.post(PATH, body)

    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_key_needs_the_scope(make_key):
    api = Api(make_key(scopes=[scope for scope in ALL if scope != ApiScope.ADMIN]))
    path = f"{PATH}{ApiKey.objects.get().id}/"

    for method, asked in (("GET", PATH), ("POST", PATH), ("GET", path), ("DELETE", path)):
        assert api.send(method, asked, {"name": "x"}).status_code == 403
    assert ApiKey.objects.get().revoked_at is None


def test_key_of_another_tenant_is_not_found(admin, make_key, other_tenant):
    make_key(tenant=other_tenant, name="theirs")
    theirs = ApiKey.objects.get(name="theirs")

    for method in ("GET", "DELETE"):
        answers = [admin.send(method, f"{PATH}{one}/") for one in (theirs.id, uuid7())]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert admin.send(method, f"{PATH}x/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None
