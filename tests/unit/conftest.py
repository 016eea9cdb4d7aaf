"""Tenants, and a database in which tests really commit."""

import pytest

from apps.common.actor import SYSTEM
from apps.tenants.domain.tenants import create_tenant
from tests.support.committed import committing


@pytest.fixture
def tenant(db):
    return create_tenant(name="Harbour Clinic", slug="harbour", by=SYSTEM)


@pytest.fixture
def other_tenant(db):
    return create_tenant(name="Other Clinic", slug="other", by=SYSTEM)


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """For what a test inside one transaction can't show."""
    with committing(django_db_blocker):
        yield


@pytest.fixture
def committed_tenant(committed_db):
    return create_tenant(name="Committed Clinic", slug="committed", by=SYSTEM)
