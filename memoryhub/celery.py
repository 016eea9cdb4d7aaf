"""The Celery application and its schedule, which lives in code so that no row can change it."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")

app = Celery("memoryhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "clear expired sessions": {
        "task": "operations.clear_sessions",
        "schedule": crontab(hour="3", minute="30"),
    },
}
