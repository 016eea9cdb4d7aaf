"""Organisations, projects and members: the key's own, and no other."""

import pytest

from apps.common.actor import SYSTEM
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role

ORGS = "/api/v1/orgs/organizations/"


@pytest.fixture
def admin(as_key, make_key):
    return as_key(make_key(scopes=["read", "admin"]))


@pytest.fixture
def own(tenant):
    return f"{ORGS}{tenant.id}/projects/{tenant.id}/"


@pytest.fixture
def operator(tenant):
    fields = {"tenant": tenant, "role": Role.OWNER, "password": "a long pass phrase, not a word"}
    return create_operator(email="grace@clinic.example", by=SYSTEM, **fields)


def test_the_project_is_the_tenant(api, own, tenant):
    project = api.get(own).json()

    assert (project["project_id"], project["name"]) == (str(tenant.id), "Harbour Clinic")
    assert (project["custom_instructions"], project["members"]) == (None, [])
    assert api.get(f"{ORGS}{tenant.id}/projects/").json() == [project]


def test_the_organisation_is_the_tenant_too(api, tenant):
    [row] = api.get(ORGS).json()

    assert (row["org_id"], row["name"]) == (str(tenant.id), "Harbour Clinic")
    assert api.get(f"{ORGS}{tenant.id}/").json() == row


def test_an_update_reads_back(admin, own):
    changes = {
        "name": "Clinic by the Sea",
        "description": "What patients say",
        "custom_instructions": "Keep what is said of diets.",
        "agent_custom_instructions": "Keep promises.",
        "custom_categories": [{"diet": "What somebody eats"}, {"plans": ""}],
        "multilingual": True,
        "decay": True,
    }

    answer = admin.send("PATCH", own, changes | {"usecase_setting": "care"})

    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Project updated successfully"},
    )
    project = admin.get(own).json()
    assert {name: project[name] for name in changes} == changes
    assert project["usecase"] == "care"


def test_what_is_not_named_stays_and_an_empty_text_clears(admin, own):
    admin.send("PATCH", own, {"custom_instructions": "Keep it.", "description": "Kept"})

    admin.send("PATCH", own, {"custom_instructions": "", "custom_categories": ["diet"]})

    project = admin.get(own).json()
    assert (project["custom_instructions"], project["description"]) == (None, "Kept")
    assert project["custom_categories"] == [{"diet": ""}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"colour": "red"}, "colour"),
        ({"custom_instructions": 7}, "custom_instructions"),
        ({"decay": "x"}, "decay"),
        ({"custom_categories": [7]}, "custom_categories"),
        ({"custom_categories": [{"x": 7}]}, "custom_categories"),
        ({"custom_categories": "x"}, "custom_categories"),
        ({"custom_categories": ["x"] * 51}, "custom_categories"),
    ],
)
def test_a_change_that_is_not_understood_is_refused(admin, own, body, field):
    before = admin.get(own).json()

    answer = admin.send("PATCH", own, body)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert admin.get(own).json() == before


def test_a_change_needs_the_scope_that_is_not_given_by_default(api, own):
    answer = api.send("PATCH", own, {"name": "Taken over"})

    assert answer.status_code == 403
    assert answer.json().keys() == {"detail", "error", "message"}
    assert api.get(own).json()["name"] == "Harbour Clinic"


def test_members_are_told_to_administrators_only(api, admin, own, operator):
    assert admin.get(f"{own}members/").json() == {
        "members": [{"username": "grace@clinic.example", "role": "OWNER"}]
    }
    assert [row["email"] for row in admin.get(own).json()["members"]] == ["grace@clinic.example"]
    assert api.get(f"{own}members/").status_code == 403
    assert "grace" not in api.get(own).content.decode() + api.get(ORGS).content.decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ORGS),
        ("DELETE", f"{ORGS}{{own}}/"),
        ("POST", f"{ORGS}{{own}}/members/"),
        ("PUT", f"{ORGS}{{own}}/members/"),
        ("DELETE", f"{ORGS}{{own}}/members/"),
        ("POST", f"{ORGS}{{own}}/projects/"),
        ("DELETE", f"{ORGS}{{own}}/projects/{{own}}/"),
        ("POST", f"{ORGS}{{own}}/projects/{{own}}/members/"),
        ("PUT", f"{ORGS}{{own}}/projects/{{own}}/members/"),
        ("DELETE", f"{ORGS}{{own}}/projects/{{own}}/members/?email=a@b.example"),
    ],
)
def test_what_operators_manage_is_forbidden(admin, tenant, method, path):
    answer = admin.send(method, path.format(own=tenant.id), {"name": "x"})

    assert answer.status_code == 403
    assert "managed by operators" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "{other}/"),
        ("GET", "{other}/members/"),
        ("GET", "{other}/projects/"),
        ("GET", "{own}/projects/{other}/"),
        ("PATCH", "{own}/projects/{other}/"),
        ("GET", "{other}/projects/{own}/"),
        ("GET", "{own}/projects/{other}/members/"),
    ],
)
def test_anothers_is_not_there(admin, tenant, other_tenant, method, path):
    own, unknown = str(tenant.id), "0192f0c1-2a3b-7c4d-8e5f-0123456789ab"

    answers = [
        admin.send(method, ORGS + path.format(own=own, other=other), {"name": "Taken over"})
        for other in (str(other_tenant.id), unknown)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    other_tenant.refresh_from_db()
    assert other_tenant.name == "Other Clinic"
