import io
import json

import pytest

from apps.accounts.models import Operator
from apps.tenants.models import Membership
from tests.integration.commands.run import run

ADA = ("--email", "Ada@Example.org", "--tenant", "harbour", "--role", "privacy_officer")
PASSWORD = "correct horse battery"


@pytest.fixture
def type_in(monkeypatch):
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_prints_the_password_it_made_and_says_what_it_is(tenant, client):
    code, out, err = run("create_operator", *ADA)

    assert (code, err) == (
        0,
        "ada@example.org can sign in with this password, which is shown only now:\n",
    )
    operator = Operator.objects.get()
    assert (operator.email, operator.is_instance_owner) == ("ada@example.org", False)
    assert operator.check_password(out.strip())
    assert list(Membership.objects.values_list("operator", "tenant", "role")) == [
        (operator.id, tenant.id, "privacy_officer")
    ]


def test_reads_the_password_and_prints_none(tenant, type_in):
    type_in(f"{PASSWORD}\n")

    assert run("create_operator", *ADA, "--password-stdin") == (
        0,
        "",
        "ada@example.org can sign in.\n",
    )

    assert Operator.objects.get().check_password(PASSWORD)


def test_makes_an_instance_owner(tenant):
    run("create_operator", *ADA, "--instance-owner")

    assert Operator.objects.get().is_instance_owner is True


@pytest.mark.parametrize("is_typed", [True, False])
def test_json_is_one_document(tenant, type_in, is_typed):
    type_in(PASSWORD)

    out = run("create_operator", *ADA, "--json", *["--password-stdin"] * is_typed).out

    document, operator = json.loads(out), Operator.objects.get()
    assert operator.check_password(document.pop("password", PASSWORD))
    assert document == {
        "id": str(operator.id),
        "email": "ada@example.org",
        "tenant": "harbour",
        "role": "privacy_officer",
        "is_instance_owner": False,
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\n", "This password is too short. It must contain at least 8 characters."),
        ("12345678901\n", "This password is too common. This password is entirely numeric."),
    ],
)
def test_a_weak_password_fails(tenant, type_in, typed, said):
    type_in(typed)

    assert run("create_operator", *ADA, "--password-stdin") == (1, "", said)
    assert not Operator.objects.exists()


def test_a_taken_address_fails(tenant):
    run("create_operator", *ADA)

    failed = run("create_operator", *ADA)

    assert failed == (1, "", "An operator with this e-mail address exists.")


def test_an_unknown_tenant_fails(db):
    assert run("create_operator", *ADA) == (1, "", "No tenant has the slug harbour.")
    assert not Operator.objects.exists()


def test_an_unknown_role_is_refused(tenant):
    code, out, err = run("create_operator", *ADA[:-1], "king")

    assert (code, out) == (1, "")
    assert err.startswith("Error: argument --role: invalid choice: 'king'")
