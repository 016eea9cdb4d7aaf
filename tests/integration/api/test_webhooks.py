"""Webhooks of a project: made, listed, changed, removed."""

import pytest

HOOK = {
    "name": "Alarm",
    "url": "https://user:secret@hook.example/path",
    "event_types": ["memory_add", "memory_delete"],
}


@pytest.fixture
def admin(as_key, make_key):
    return as_key(make_key(scopes=["read", "admin"]))


@pytest.fixture
def place(tenant):
    return f"/api/v1/webhooks/projects/{tenant.id}/"


def test_one_lives(admin, place, tenant):
    made = admin.post(place, HOOK | {"project_id": str(tenant.id)})

    body = made.json()
    secret = body.pop("secret")
    one = f"/api/v1/webhooks/{body['webhook_id']}/"
    assert made.status_code == 201
    assert body == {
        **HOOK,
        "webhook_id": body["webhook_id"],
        "owner": "Harbour Clinic",
        "is_active": True,
        "project": str(tenant.id),
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert (type(body["webhook_id"]), len(secret)) == (int, 43)
    assert admin.get(place).json() == [body]
    changed = admin.put(one, {"name": "Bell", "event_types": ["memory_update"], "is_active": False})
    assert (changed.status_code, list(changed.json())) == (200, ["message"])
    [row] = admin.get(place).json()
    assert (row["name"], row["url"], row["event_types"], row["is_active"]) == (
        "Bell",
        HOOK["url"],
        ["memory_update"],
        False,
    )
    assert admin.delete(one).status_code == 200
    assert admin.get(place).json() == []
    assert admin.delete(one).json()["error"] == "Webhook not found!"


@pytest.mark.parametrize("name", ["name", "url", "event_types"])
def test_one_needs_name_address_and_events(admin, place, name):
    answer = admin.post(place, {key: value for key, value in HOOK.items() if key != name})

    assert (answer.status_code, answer.json()["field"]) == (400, name)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"url": "ftp://hook.example/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[x"}, "url"),
        ({"url": "hook"}, "url"),
        ({"url": 7}, "url"),
        ({"event_types": []}, "event_types"),
        ({"event_types": ["nonsense"]}, "event_types"),
        ({"event_types": [["memory_add"]]}, "event_types"),
        ({"event_types": "memory_add"}, "event_types"),
        ({"is_active": "x"}, "is_active"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_it_refuses(admin, place, bad, field):
    answer = admin.post(place, HOOK | bad)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert admin.get(place).json() == []


def test_it_takes_the_scope_that_is_not_given_by_default(api, admin, place):
    number = admin.post(place, HOOK).json()["webhook_id"]

    answers = [
        api.get(place),
        api.post(place, HOOK),
        api.put(f"/api/v1/webhooks/{number}/", {"name": "x"}),
        api.delete(f"/api/v1/webhooks/{number}/"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4


def test_anothers_is_not_there(admin, place, as_key, make_key, other_tenant):
    number = admin.post(place, HOOK).json()["webhook_id"]
    other = as_key(make_key(tenant=other_tenant, scopes=["admin"]))

    answers = [
        other.get(place),
        other.post(place, HOOK),
        other.put(f"/api/v1/webhooks/{number}/", {"name": "x"}),
        other.delete(f"/api/v1/webhooks/{number}/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert [row["name"] for row in admin.get(place).json()] == ["Alarm"]


@pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 30])
def test_an_unknown_one_is_not_there(admin, number):
    assert admin.put(f"/api/v1/webhooks/{number}/", {"name": "x"}).status_code == 404
