from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.dashboard.access import require_permission
from apps.dashboard.presenters import overview as presenter
from apps.dashboard.presenters.activity import activity_lines
from apps.dashboard.queries import overview as queries
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.queries import count_entities
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from apps.dashboard.presenters.activity import ActivityLine
    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.OVERVIEW_VIEW)
def overview(request: OperatorRequest) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        page = read_overview(request, now=timezone.now())
    return render_page(request, "dashboard/overview/show.html", {"overview": page})


def read_overview(request: OperatorRequest, *, now: datetime) -> presenter.Overview:
    current = presenter.RANGES.get(request.GET.get("range", ""), presenter.DEFAULT)
    kept = queries.count_kept()
    host = request.build_absolute_uri("/").rstrip("/")
    return presenter.Overview(
        counted_at=now,
        has_memories=bool(kept),
        figures=presenter.key_figures(kept, queries.count_recent(now=now), count_entities()),
        ranges=presenter.range_choices(current),
        charts=read_charts(current, now, kept, request.GET.get("table", "")),
        activity=tuple(read_activity(now)),
        key_command=f"manage.py create_api_key --tenant {request.tenant.slug} --name my-app",
        connect_code=f'MemoryClient(api_key="mhk_...", host="{host}")',
    )


def read_charts(
    current: presenter.Range, now: datetime, kept: int, table: str
) -> tuple[presenter.ChartPanel, ...]:
    starts = current.starts(now)
    added, deleted = queries.count_added(starts), queries.count_deleted(starts)
    stock = presenter.kept_points(current, now, kept=kept, added=added, deleted=deleted)
    return (
        presenter.added_panel(current, presenter.added_points(current, now, added), table),
        presenter.kept_panel(current, stock, table),
    )


def read_activity(now: datetime) -> list[ActivityLine]:
    events = queries.list_recent_events()
    names = queries.name_actors(event.actor_id for event in events if event.actor_id)
    return activity_lines(events, names=names, now=now)
