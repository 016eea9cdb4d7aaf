"""What the first start makes, on an instance from which everything was taken."""

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Operator
from apps.keys.instance import forget_instance_secrets
from apps.operations.domain import first_run
from apps.operations.domain.first_run import prepare_instance
from apps.tenants.domain.api_keys import authenticate_key
from apps.tenants.models import Tenant


@pytest.fixture
def empty_instance(db, monkeypatch):
    """No fixed tenant yet: another id stands for it, since rows of keys can't be taken back here."""
    from apps.common.ids import uuid7
    from apps.isolation import scope
    from apps.keys import instance
    from apps.tenants.domain import operators, tenant_keys, tenants

    Tenant.objects.filter(slug="instance").update(slug="instance-before")
    new_id = uuid7()
    for module in (scope, instance, first_run, operators, tenant_keys, tenants):
        monkeypatch.setattr(module, "INSTANCE_TENANT_ID", new_id)
    forget_instance_secrets()
    yield new_id
    forget_instance_secrets()


def test_first_run_makes_what_signs_in(empty_instance):
    first = prepare_instance()

    operator = Operator.objects.get()
    assert (operator.email, operator.is_instance_owner) == (first.email, True)
    assert operator.check_password(first.password)
    assert authenticate_key(first.api_key).tenant.slug == "default"
    assert list(operator.memberships.values_list("tenant__slug", "role")) == [("default", "owner")]
    assert Tenant.objects.filter(id=empty_instance, slug="instance").exists()


def test_second_run_changes_nothing(empty_instance):
    prepare_instance()

    assert prepare_instance() is None
    assert Operator.objects.count() == 1


def test_first_run_prints_what_signs_in_once(empty_instance, capsys):
    call_command("first_run")
    first = capsys.readouterr().out.splitlines()
    call_command("first_run")

    assert [line.partition(": ")[0] for line in first] == ["Operator", "Password", "API key"]
    assert capsys.readouterr().out == ""


def test_first_run_with_the_wrong_master_key_is_refused_with_a_sentence(db, cold_keys, settings):
    settings.MASTER_KEY = bytes(32)

    with pytest.raises(CommandError, match="does not open the tenant keys"):
        call_command("first_run")


def test_first_run_without_the_master_key_makes_none(db, cold_keys, settings, tmp_path):
    settings.MASTER_KEY, settings.MASTER_KEY_PATH = None, tmp_path / "master_key"

    with pytest.raises(CommandError, match="There is no master key"):
        call_command("first_run")

    assert list(tmp_path.iterdir()) == []
