import json
import uuid

import pytest

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.tenants.models import Tenant
from tests.integration.commands.run import run, run_process
from tests.support.committed import committing


def test_prints_the_slug_alone(db):
    assert run("create_tenant", "Harbour Clinic") == (0, "harbour-clinic\n", "")

    tenant = Tenant.objects.get(slug="harbour-clinic")
    assert tenant.name == "Harbour Clinic"
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.values_list("action", "actor_kind")
        assert list(events) == [(Action.TENANT_CREATE, "system")]


def test_takes_a_slug(db):
    assert run("create_tenant", "Harbour Clinic", "--slug", "harbour") == (0, "harbour\n", "")


def test_json_is_one_document(db):
    code, out, err = run("create_tenant", "Harbour Clinic", "--json")

    tenant = Tenant.objects.get(slug="harbour-clinic")
    assert json.loads(out) == {
        "id": str(tenant.id),
        "slug": "harbour-clinic",
        "name": "Harbour Clinic",
    }
    assert (code, err) == (0, "")


def test_a_taken_slug_fails(tenant):
    assert run("create_tenant", "Another", "--slug", "harbour", "--json") == (
        1,
        "",
        "The slug harbour is taken.",
    )


@pytest.mark.parametrize("slug", ["Harbour", "a b", "x" * 61])
def test_a_bad_slug_fails(db, slug):
    assert run("create_tenant", "Another", "--slug", slug) == (
        1,
        "",
        "A slug has 1 to 60 lower-case letters, digits and hyphens.",
    )


def test_a_missing_master_key_is_one_line(db, cold_keys, settings, tmp_path):
    settings.MASTER_KEY, settings.MASTER_KEY_PATH = None, tmp_path / "master_key"

    code, out, err = run("create_tenant", "Harbour Clinic")

    assert (code, out) == (1, "")
    assert err == (
        f"There is no master key: set MEMORYHUB_MASTER_KEY or bring back {tmp_path}/master_key."
        " Without it nothing that is stored can be read."
    )
    assert not Tenant.objects.filter(slug="harbour-clinic").exists()


def test_exit_codes_of_the_process(django_db_setup, django_db_blocker):
    slug = f"script-{uuid.uuid4().hex[:8]}"

    with committing(django_db_blocker):
        assert run_process("create_tenant", "Script", "--slug", slug) == (0, f"{slug}\n", "")
        again = run_process("create_tenant", "Script", "--slug", slug)
    assert again == (1, "", f"CommandError: The slug {slug} is taken.\n")
    wrong = run_process("create_tenant")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.endswith("error: the following arguments are required: name\n")
