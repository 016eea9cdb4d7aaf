from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.dashboard.access import has_permission, require_permission
from apps.dashboard.forms.dates import DatesForm
from apps.dashboard.presenters import overview as presenter
from apps.dashboard.presenters import panels, ranges
from apps.dashboard.presenters.activity import activity_lines
from apps.dashboard.presenters.first_run import list_tasks
from apps.dashboard.presenters.requests import request_row
from apps.dashboard.queries import overview as queries
from apps.dashboard.queries.first_run import read_first_run
from apps.dashboard.queries.requests import list_open
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.operations.domain.demo import count_demo
from apps.operations.queries import get_last_measure, list_hours
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from apps.dashboard.presenters.activity import ActivityLine
    from apps.dashboard.presenters.first_run import Task
    from apps.dashboard.presenters.ranges import Range
    from apps.dashboard.presenters.requests import RequestRow
    from apps.dashboard.request import OperatorRequest
    from apps.operations.queries import Hour


@require_permission(Permission.OVERVIEW_VIEW)
def overview(request: OperatorRequest) -> HttpResponse:
    current, form = read_range(request)
    with tenant_scope(request.tenant.id):
        page = read_overview(request, current, now=timezone.now())
        tasks = () if page.has_memories else read_tasks(request)
    context = {
        "overview": page,
        "dates": form,
        "tasks": tasks,
        "may_change": has_permission(request, Permission.MEMORY_CHANGE),
    }
    return render_page(request, "dashboard/overview/show.html", context)


def read_range(request: OperatorRequest) -> tuple[Range, DatesForm | None]:
    """The range that is asked for; the form where days are to be chosen."""
    name = request.GET.get("range", "")
    if name != ranges.DATES:
        return ranges.RANGES.get(name, ranges.DEFAULT), None
    form = DatesForm(request.GET if "from" in request.GET else None)
    if form.is_valid():
        return ranges.make_dates(form.cleaned_data["from"], form.cleaned_data["to"]), form
    return ranges.DEFAULT, form


def read_overview(request: OperatorRequest, current: Range, *, now: datetime) -> presenter.Overview:
    """Constant statements: the figures come from the hourly counts, not from the memories."""
    starts = current.starts(now)
    rows = list_hours(since=starts[0], until=starts[-1] + current.step)
    measured = get_last_measure()
    before = get_last_measure(until=starts[0])
    intervals = presenter.fill_intervals(current, starts, rows, before.kept if before else None)
    counted_at = measured.measured_at if measured else None
    due = read_due(request, now)
    host = request.build_absolute_uri("/").rstrip("/")
    return presenter.Overview(
        counted_at=counted_at,
        has_memories=queries.has_memories(),
        has_demo=bool(count_demo()),
        needs=presenter.list_needs(
            requests=due or (),
            failed_jobs=sum(one.jobs_failed for one in intervals),
            problems=queries.count_problems() if due is not None else 0,
            counted_at=counted_at,
            now=now,
        ),
        figures=presenter.key_figures(measured, intervals),
        ranges=ranges.list_choices(current),
        charts=draw_charts(request, current, intervals, rows, now),
        requests=due and due[: presenter.REQUESTS],
        activity=tuple(read_activity(now)),
        key_command=f"manage.py create_api_key --tenant {request.tenant.slug} --name my-app",
        connect_code=f'MemoryClient(api_key="mhk_...", host="{host}")',
    )


def read_tasks(request: OperatorRequest) -> tuple[Task, ...]:
    found = read_first_run(
        request.tenant,
        request.user,
        has_memories=False,
        may_see_keys=has_permission(request, Permission.APIKEY_VIEW),
        may_change=has_permission(request, Permission.PLAYGROUND_USE),
        may_see_requests=has_permission(request, Permission.REQUEST_CONFIGURE),
    )
    return list_tasks(found)


def draw_charts(
    request: OperatorRequest,
    current: Range,
    intervals: list[presenter.Interval],
    rows: list[Hour],
    now: datetime,
) -> tuple[panels.ChartPanel, ...]:
    table = request.GET.get("table", "")
    plot = panels.Plot(current, current.starts(now), intervals, now, table)
    by_day = ranges.days_of(current)
    daily = plot if by_day == current else plot_days(by_day, rows, now, table)
    return (
        panels.kept_panel(plot),
        panels.use_panel(plot),
        panels.times_panel(plot),
        panels.jobs_panel(daily),
    )


def plot_days(by_day: Range, rows: list[Hour], now: datetime, table: str) -> panels.Plot:
    days = by_day.starts(now)
    of_days = [row for row in rows if row.hour >= days[0]]
    intervals = presenter.fill_intervals(by_day, days, of_days, None)
    return panels.Plot(by_day, days, intervals, now, table)


def read_due(request: OperatorRequest, now: datetime) -> tuple[RequestRow, ...] | None:
    """Open requests, the first due first; None for who may not see them."""
    if not has_permission(request, Permission.REQUEST_VIEW):
        return None
    return tuple(request_row(row, today=now.date(), names={}) for row in list_open())


def read_activity(now: datetime) -> list[ActivityLine]:
    events = queries.list_recent_events()
    names = queries.name_actors(event.actor_id for event in events if event.actor_id)
    return activity_lines(events, names=names, now=now)
