import json

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.tenants.models import ApiKey
from tests.integration.commands.run import run


def test_acts_at_once_and_says_so(api, tenant):
    key = ApiKey.objects.get(tenant=tenant)
    assert api.get("/v1/ping/").status_code == 200

    assert run("revoke_api_key", key.lookup_id) == (
        0,
        "",
        f"The key {key.lookup_id} (test) is revoked.\n",
    )

    assert api.get("/v1/ping/").status_code == 401


def test_leaves_other_keys_alone(api, make_key, as_key):
    other = as_key(make_key())

    run("revoke_api_key", api.key.split("_")[1])

    assert other.get("/v1/ping/").status_code == 200


def test_a_second_time_changes_nothing(api, tenant):
    lookup_id = api.key.split("_")[1]
    run("revoke_api_key", lookup_id)
    revoked_at = ApiKey.objects.get(lookup_id=lookup_id).revoked_at

    again = run("revoke_api_key", lookup_id)

    assert again == (0, "", f"The key {lookup_id} (test) was revoked before.\n")
    assert ApiKey.objects.get(lookup_id=lookup_id).revoked_at == revoked_at
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action=Action.APIKEY_REVOKE).count() == 1


def test_json_is_one_document(api):
    lookup_id = api.key.split("_")[1]

    assert json.loads(run("revoke_api_key", lookup_id, "--json").out) == {
        "lookup_id": lookup_id,
        "name": "test",
        "was_revoked": False,
    }


def test_an_unknown_key_fails(api):
    failed = run("revoke_api_key", "aaaaaaaaaaaa")

    assert failed == (1, "", "No API key has the lookup id aaaaaaaaaaaa.")
    assert api.get("/v1/ping/").status_code == 200


def test_a_whole_key_is_refused_and_not_repeated(api):
    failed = run("revoke_api_key", api.key)

    assert failed == (
        1,
        "",
        "A lookup id is the 12 letters and digits between a key's underscores.",
    )
    assert api.get("/v1/ping/").status_code == 200
