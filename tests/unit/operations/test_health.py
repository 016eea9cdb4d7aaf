import pytest
from kombu.exceptions import OperationalError

from apps.operations.domain import health


@pytest.fixture
def broker(monkeypatch):
    """A broker that answers; none runs in the tests."""
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)


def fail(error):
    def check():
        raise error

    return check


def test_instance_with_everything_is_ready(db, broker):
    assert health.is_ready() is True


@pytest.mark.parametrize("part", ["migrations", "isolation", "keys", "broker"])
def test_instance_without_a_part_is_not_ready(db, broker, monkeypatch, part):
    monkeypatch.setitem(health.CHECKS, part, fail(RuntimeError("canary")))

    assert health.is_ready() is False


def test_first_missing_part_is_named_without_the_message(db, broker, monkeypatch):
    lines = []
    monkeypatch.setattr(health.logger, "warning", lambda *args, **fields: lines.append(fields))
    for part in ("keys", "broker"):
        monkeypatch.setitem(health.CHECKS, part, fail(OperationalError("canary")))

    health.is_ready()

    assert lines == [{"part": "keys", "error": "OperationalError"}]


def test_missing_migration_is_told(db, monkeypatch):
    monkeypatch.setattr(
        "django.db.migrations.executor.MigrationExecutor.migration_plan", lambda *_: ["one"]
    )

    with pytest.raises(RuntimeError, match="Migrations are missing"):
        health.check_migrations()
