"""`manage.py retention`."""

import json
from datetime import date

import pytest

from tests.integration.commands.run import run
from tests.support.kernel import add


@pytest.fixture
def tenant(tenant):
    add(tenant, "Past", expires_on=date(2020, 5, 1))
    add(tenant, "For good")
    return tenant


def test_dry_run_counts_and_changes_nothing(tenant):
    for _ in range(2):
        found = run("retention", "--tenant", tenant.slug, "--dry-run", "--json")
        assert json.loads(found.out) == {"memories": 1, "entities": {}, "kept": 0}


def test_it_removes(tenant):
    done = run("retention", "--tenant", tenant.slug)

    assert done.out.startswith("1 expired memories destroyed")
    assert "0 memories" in run("retention", "--tenant", tenant.slug, "--dry-run").out
