import pytest
from django.test import Client

from apps.accounts.models import Operator
from apps.common.actor import SYSTEM
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role

PASSWORD = "a long pass phrase, not a word"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def make_operator(tenant):
    def make(email="ines.moreau@halden.example", **fields):
        given = {"tenant": tenant, "role": Role.OWNER, "by": SYSTEM, "password": PASSWORD}
        return create_operator(email=email, **given | fields)

    return make


@pytest.fixture
def bare_operator(db):
    """Signed in, but in no tenant."""
    return Operator.objects.create(email="nobody@halden.example")


@pytest.fixture
def sign_in():
    def sign(operator):
        client = Client()
        client.force_login(operator)
        return client

    return sign


@pytest.fixture
def browser(make_operator, sign_in):
    return sign_in(make_operator(is_instance_owner=True))
