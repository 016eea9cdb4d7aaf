"""A task is told its tenant, since there is no ambient one in a worker, or is the instance's own."""

import inspect

import pytest

from memoryhub.celery import app

INSTANCE = {
    "memories.sweep_jobs": "sends what is due, whosever it is; enters no tenant",
    "memories.copy_journal": "copies hashes of our ids to a file; enters no tenant",
    "memories.sweep_renewals": "sends what is due, whosever it is; enters no tenant",
    "privacy.sweep_requests": "reads the due-list, ids only, and enters no tenant",
    "privacy.sweep_retention": "reads the due-list, and enters each tenant that it names",
    "privacy.expire_copies": "reads the due-list, and enters each tenant that it names",
    "privacy.scrub": "rewrites tables of all tenants, as the owner",
    "audit.seal_events": "takes the tenants from the due-list and enters the scope of each",
    "operations.anchor_checkpoints": "takes the tenants from the due-list and enters the scope of each",
    "operations.expire_trails": "enters the scope of every tenant, one after the other",
    "operations.verify_trails": "starts a task for every tenant, which carries it",
    "operations.clear_sessions": "sessions are the operators', whatever tenant they look at",
    "operations.measure_tenants": "enters the scope of every tenant, one after the other",
    "operations.report_use": "counts of the installation, which know no tenant",
    "telemetry.send": "reports of the installation",
}


def list_tasks():
    app.loader.import_default_modules()
    return [task for task in app.tasks.values() if task.run.__module__.startswith("apps.")]


def carries_tenant(run):
    """As a keyword that can't be left out."""
    parameter = inspect.signature(run).parameters.get("tenant_id")
    return (
        parameter is not None
        and parameter.kind is parameter.KEYWORD_ONLY
        and parameter.default is parameter.empty
    )


def test_every_task_carries_its_tenant_or_is_listed():
    assert {task.name for task in list_tasks() if not carries_tenant(task.run)} == INSTANCE.keys()


def test_every_task_is_named_after_its_app_and_function():
    for task in list_tasks():
        assert task.name == f"{task.run.__module__.split('.')[1]}.{task.run.__name__}"


def test_every_scheduled_task_exists():
    names = {task.name for task in list_tasks()}

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= names


@pytest.mark.parametrize(
    ("function", "is_good"),
    [
        (lambda *, tenant_id: None, True),
        (lambda *, tenant_id, memory_id: None, True),
        (lambda tenant_id: None, False),
        (lambda *, tenant_id=None: None, False),
        (lambda *, memory_id: None, False),
        (lambda **kwargs: None, False),
        (lambda: None, False),
    ],
)
def test_a_task_without_its_tenant_is_found(function, is_good):
    assert carries_tenant(function) is is_good
