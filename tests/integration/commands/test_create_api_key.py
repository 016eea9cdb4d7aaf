import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.tenants.models import ApiKey
from tests.integration.commands.run import run, run_process

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


def test_prints_the_key_alone(tenant, as_key):
    code, out, err = run("create_api_key", "--tenant", "harbour", "--name", "App")

    key = ApiKey.objects.get(tenant=tenant)
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    assert (key.name, key.scopes, key.expires_at) == ("App", ["delete", "read", "write"], None)
    assert as_key(out.strip()).get("/v1/ping/").json()["org_id"] == str(tenant.id)


def test_takes_scopes_and_an_end(tenant, as_key):
    arguments = ["--scope", "read", "--scope", "privacy", "--expires-in-days", "30"]
    with time_machine.travel(NOW, tick=False):
        out = run("create_api_key", "--tenant", "harbour", "--name", "App", *arguments).out

    key = ApiKey.objects.get(tenant=tenant)
    assert (key.scopes, key.expires_at) == (["privacy", "read"], NOW + timedelta(days=30))
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert as_key(out.strip()).get("/v1/ping/").status_code == 401


def test_json_is_one_document(tenant):
    code, out, err = run("create_api_key", "--tenant", "harbour", "--name", "App", "--json")

    document = json.loads(out)
    lookup_id = ApiKey.objects.get(tenant=tenant).lookup_id
    assert document.pop("key").startswith(f"mhk_{lookup_id}_")
    assert document == {
        "lookup_id": lookup_id,
        "tenant": "harbour",
        "name": "App",
        "scopes": ["delete", "read", "write"],
        "expires_at": None,
    }
    assert (code, err) == (0, "")


@pytest.mark.parametrize("slug", ["nobody", "instance"])
def test_a_tenant_that_is_none_fails(tenant, slug):
    assert run("create_api_key", "--tenant", slug, "--name", "App") == (
        1,
        "",
        f"No tenant has the slug {slug}.",
    )
    assert not ApiKey.objects.exists()


def test_an_empty_name_fails(tenant):
    failed = run("create_api_key", "--tenant", "harbour", "--name", " ")

    assert failed == (1, "", "Give the key a name of 1 to 80 characters.")


@pytest.mark.parametrize(
    ("option", "value"),
    [("--scope", "all"), *(("--expires-in-days", days) for days in ("0", "-1", "x", "36501"))],
)
def test_a_wrong_value_is_refused(tenant, option, value):
    code, out, err = run("create_api_key", "--tenant", "harbour", "--name", "App", option, value)

    assert (code, out) == (1, "")
    assert err.startswith(f"Error: argument {option}: ")
    assert not ApiKey.objects.exists()


def test_a_wrong_scope_is_wrong_usage_for_a_script(django_db_setup):
    arguments = ["--tenant", "any", "--name", "App", "--scope", "all"]

    assert run_process("create_api_key", *arguments)[:2] == (2, "")
