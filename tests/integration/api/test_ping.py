"""GET /v1/ping/ : the client's constructor asks whose key this is."""


def test_it_works(api, tenant):
    answer = api.get("/v1/ping/")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "org_id": str(tenant.id),
        "project_id": str(tenant.id),
        "user_email": None,
    }


def test_it_accepts_what_older_clients_send_along(api):
    answer = api.get("/v1/ping/?org_id=other&project_id=other&source=CLI")

    assert answer.json() == api.get("/v1/ping/").json()


def test_it_copes_with_a_doubled_slash(api):
    answer = api.send("GET", "/", PATH_INFO="//v1/ping/")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
