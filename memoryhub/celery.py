"""The Celery application and its schedule, which lives in code so that no row can change it."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")

app = Celery("memoryhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Sealing must not wait behind them: Redis hands out the lowest number first, others have 0.
app.conf.task_routes = {"operations.*": {"priority": 9}, "memories.run_job": {"priority": 9}}
SEALS_EVERY = 3  # seconds; a run that waited longer is of no use, the next one does its work
SWEEPS_EVERY = 5  # seconds: with the lease of a job less than a minute until it is taken up again
app.conf.beat_schedule = {
    "sweep jobs": {
        "task": "memories.sweep_jobs",
        "schedule": SWEEPS_EVERY,
        "options": {"expires": SWEEPS_EVERY},
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
def check_worker(**_: Any) -> None:
    from memoryhub.start import check_start, tell_start  # their models need the applications

    tell_start()
    check_start()
