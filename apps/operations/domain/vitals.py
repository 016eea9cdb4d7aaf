"""How the instance is: what its owner looks at when something seems wrong.

Nothing here waits for long: a broker that does not answer is given up after two seconds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db.models import Count, Min
from django.utils import timezone
from kombu.connection import Connection
from kombu.exceptions import ChannelError, OperationalError

from apps.audit.actions import Action, Outcome
from apps.audit.queries import Chosen, select_events
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.models import JobDue
from apps.operations.domain.health import BROKER_SECONDS, CHECKS
from apps.operations.estimates import Database, describe_database
from apps.privacy.enums import Work
from apps.privacy.models import PrivacyDue

PING_SECONDS = 1.0
WITHOUT_BROKER = [name for name in CHECKS if name != "broker"]


@dataclass(frozen=True, slots=True)
class Broker:
    """`queued` counts what no worker has taken; `workers` are those that answered at once."""

    is_up: bool
    queued: int = 0
    workers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a sweeper or the scrub has still to do, and since when the oldest is due."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Vitals:
    failed: tuple[str, ...]
    broker: Broker
    database: Database
    jobs: Waiting
    scrub: Waiting
    scrubbed_at: datetime | None
    backed_up_at: datetime | None


def read_vitals() -> Vitals:
    """Some statements, of which none reads a customer's rows. Call outside any scope."""
    broker = look_at_broker()
    return Vitals(
        failed=tuple(name for name in WITHOUT_BROKER if not _passes(name)),
        broker=broker,
        database=describe_database(),
        jobs=_count_late_jobs(),
        scrub=_count_scrubs(),
        scrubbed_at=_find_last(Action.SCRUB_MAKE),
        backed_up_at=_find_last(Action.BACKUP_MAKE),
    )


def look_at_broker() -> Broker:
    try:
        with current_app.connection_for_write(
            connect_timeout=BROKER_SECONDS,
            transport_options={
                "socket_timeout": BROKER_SECONDS,
                "socket_connect_timeout": BROKER_SECONDS,
            },
        ) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
            return Broker(True, _count_queued(broker), _ping(broker))
    except (OperationalError, OSError):
        return Broker(False)


def _count_queued(broker: Connection) -> int:
    """In the one queue that there is; it comes into being with the first message."""
    name = current_app.conf.task_default_queue
    try:
        channel: Any = broker.default_channel
        return int(channel.queue_declare(name, passive=True).message_count)
    except ChannelError:
        return 0


def _ping(broker: Connection) -> tuple[str, ...]:
    answers = current_app.control.ping(timeout=PING_SECONDS, connection=broker)
    return tuple(sorted(name for answer in answers for name in answer))


def _count_late_jobs() -> Waiting:
    late = JobDue.objects.filter(due_at__lte=timezone.now())
    return Waiting(**late.aggregate(count=Count("item_id"), since=Min("due_at")))


def _count_scrubs() -> Waiting:
    waiting = PrivacyDue.objects.filter(work=Work.SCRUB)
    return Waiting(**waiting.aggregate(count=Count("id"), since=Min("at")))


def _find_last(action: Action) -> datetime | None:
    """When the last one was recorded, by the instance's trail."""
    with tenant_scope(INSTANCE_TENANT_ID):
        events = select_events(Chosen(action=action, outcome=Outcome.DONE))
        last = events.order_by("-id").first()
        return last.occurred_at if last else None


def _passes(name: str) -> bool:
    try:
        CHECKS[name]()
    except Exception:  # noqa: BLE001 - whatever it is, this part is not in order
        return False
    return True
