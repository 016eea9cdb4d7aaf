"""What is not offered says so, in the shapes that clients read."""


def test_a_profile_is_not_enabled(api):
    api.add("tea", user_id="al/ice")

    assert api.get("/v2/entities/user/al%2Fice/profile/").json() == {
        "profile": None,
        "status": "not_enabled",
        "entity_type": "user",
        "entity_id": "al/ice",
        "updated_at": None,
        "generation_count": 0,
    }
    assert api.get("/v2/entities/user/nobody/profile/").status_code == 404


def test_profile_jobs_are_refused(api):
    body = {"operation": "trigger", "entity_type": "user", "entity_id": "ada"}

    assert api.post("/v2/profiles/jobs/", body).status_code == 400
    assert api.get("/v2/profiles/jobs/x/").status_code == 404


def test_profile_settings_are_off_and_stay_off(as_key, make_key):
    api = as_key(make_key(scopes=["read", "admin"]))
    off = {
        "enabled": False,
        "capabilities": {},
        "entities": {"user": {"schema": None, "custom_instructions": None}},
    }

    assert api.get("/v2/profiles/settings/").json() == off
    assert api.post("/v2/profiles/settings/", {"enabled": False}).json() == off
    assert api.post("/v2/profiles/settings/", {"enabled": True}).status_code == 400
    flat = api.post("/v2/profiles/settings/", {"schema": {}})
    assert (flat.status_code, flat.json()["field"]) == (400, "schema")


def test_profile_settings_are_changed_by_administrators(api):
    assert api.post("/v2/profiles/settings/", {"enabled": False}).status_code == 403
