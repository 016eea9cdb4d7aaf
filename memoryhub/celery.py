"""The Celery application and its schedule, which lives in code so that no row can change it."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import task_failure, worker_init
from kombu.entity import Queue

from apps.common.failures import log_failure
from apps.common.sending import CLOCK_QUEUE, QUEUE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")

app = Celery("memoryhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.task_default_queue = QUEUE
# A worker without --queues serves both.
app.conf.task_queues = [Queue(name) for name in (QUEUE, CLOCK_QUEUE)]  # type: ignore[no-untyped-call]
app.conf.task_routes = {
    "audit.seal_events": {"queue": CLOCK_QUEUE},
    "memories.sweep_jobs": {"queue": CLOCK_QUEUE},
    "memories.sweep_renewals": {"queue": CLOCK_QUEUE},
    "privacy.sweep_requests": {"queue": CLOCK_QUEUE},
}
# A worker waits for a broker that restarts; a web server, which shares the settings, does not.
PATIENCE: dict[str, Any] = {"socket_timeout": 10, "socket_connect_timeout": 5, "max_retries": None}
SEALS_EVERY = 3  # seconds; a run that waited longer is of no use, the next one does its work
SWEEPS_EVERY = 5  # seconds: with the lease of a job less than a minute until it is taken up again
app.conf.beat_schedule = {
    "sweep jobs": {
        "task": "memories.sweep_jobs",
        "schedule": SWEEPS_EVERY,
        "options": {"expires": SWEEPS_EVERY},
    },
    "copy the journal of erasures": {
        "task": "memories.copy_journal",
        "schedule": SWEEPS_EVERY,
        "options": {"expires": SWEEPS_EVERY},
    },
    "sweep renewals of vectors": {
        "task": "memories.sweep_renewals",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "seal audit events": {
        "task": "audit.seal_events",
        "schedule": SEALS_EVERY,
        "options": {"expires": SEALS_EVERY},
    },
    "anchor audit checkpoints": {
        "task": "operations.anchor_checkpoints",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 300},
    },
    "verify audit trails": {
        "task": "operations.verify_trails",
        "schedule": crontab(hour="2", minute="15"),
    },
    "expire audit trails": {
        "task": "operations.expire_trails",
        "schedule": crontab(hour="1", minute="15"),
    },
    "sweep privacy requests": {
        "task": "privacy.sweep_requests",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "expire copies": {
        "task": "privacy.expire_copies",
        "schedule": crontab(minute="20"),
    },
    "remove what is kept no longer": {
        "task": "privacy.sweep_retention",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 600},
    },
    "scrub after erasures": {
        "task": "privacy.scrub",
        "schedule": crontab(hour="3", minute="0"),
    },
    "clear expired sessions": {
        "task": "operations.clear_sessions",
        "schedule": crontab(hour="3", minute="30"),
    },
    "send telemetry": {
        "task": "telemetry.send",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "measure tenants": {
        "task": "operations.measure_tenants",
        "schedule": crontab(),
        "options": {"expires": 60},
    },
    "report use": {
        "task": "operations.report_use",
        "schedule": crontab(minute="7"),
        "options": {"expires": 3000},
    },
}


@worker_init.connect  # type: ignore[untyped-decorator]
def be_patient(**_: Any) -> None:
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **PATIENCE}


@worker_init.connect  # type: ignore[untyped-decorator]
def check_worker(**_: Any) -> None:
    from memoryhub.start import check_start, tell_start  # their models need the applications

    tell_start()
    check_start()


@task_failure.connect  # type: ignore[untyped-decorator]
def log_failed_task(exception: BaseException, **_: Any) -> None:
    log_failure(exception)
