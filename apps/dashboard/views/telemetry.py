from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.common.errors import Conflict
from apps.dashboard.access import require_permission
from apps.dashboard.presenters import telemetry as presenter
from apps.dashboard.presenters.activity import activity_lines
from apps.dashboard.presenters.hosts import host_rows
from apps.dashboard.presenters.payloads import choose_event, show_payload
from apps.dashboard.presenters.reports import report_row, report_view
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.queries.telemetry import list_decisions, name_tenants
from apps.dashboard.render import render_page
from apps.operations.domain.telemetry import turn_on
from apps.operations.previews import preview
from apps.operations.transparency import collect_everything
from apps.telemetry import queries
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.domain import consent
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from apps.dashboard.presenters.activity import ActivityLine
    from apps.dashboard.request import OperatorRequest
    from apps.telemetry.models import TelemetryState


@require_permission(Permission.TELEMETRY_MANAGE)
def telemetry_detail(request: OperatorRequest) -> HttpResponse:
    """Opening it is being shown the notice, which stands on it."""
    state = queries.read_state()
    if state.notice_seen_at is None:
        consent.mark_notice_seen()
    page = read_page(request, state)
    return render_page(request, "dashboard/telemetry/show.html", {"telemetry": page})


@require_permission(Permission.TELEMETRY_MANAGE)
@require_POST
def telemetry_switch(request: OperatorRequest) -> HttpResponse:
    try:
        if request.POST.get("to") == "on":
            turn_on(by=request.actor)
        else:
            consent.turn_off(by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    return redirect("dashboard:telemetry")


@require_permission(Permission.TELEMETRY_MANAGE)
@require_POST
def telemetry_rotate(request: OperatorRequest) -> HttpResponse:
    try:
        consent.rotate_install_id(by=request.actor)
        messages.success(request, "The next report carries a new install id")
    except Conflict as error:
        messages.error(request, error.detail)
    return redirect("dashboard:telemetry")


@require_permission(Permission.TELEMETRY_MANAGE)
@require_POST
def telemetry_delete(request: OperatorRequest) -> HttpResponse:
    consent.delete_data(by=request.actor)
    return redirect("dashboard:telemetry")


@require_permission(Permission.TELEMETRY_MANAGE)
def telemetry_download(request: OperatorRequest) -> HttpResponse:  # noqa: ARG001
    response = JsonResponse(collect_everything(), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="memoryhub-telemetry.json"'
    return response


@require_permission(Permission.TELEMETRY_MANAGE)
def report_detail(request: OperatorRequest, report_id: UUID) -> HttpResponse:
    report = report_view(queries.get_report(report_id))
    return render_page(request, "dashboard/telemetry/report.html", {"report": report})


@require_permission(Permission.TELEMETRY_MANAGE)
def report_body(request: OperatorRequest, report_id: UUID) -> HttpResponse:  # noqa: ARG001
    """The very bytes that were sent."""
    body = bytes(queries.get_report(report_id).body)
    response = HttpResponse(body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{report_id}.json"'
    return response


def read_page(request: OperatorRequest, state: TelemetryState) -> presenter.TelemetryPage:
    name, ask = choose_event(request.GET.get("event", "")), request.GET.get("ask", "")
    return presenter.TelemetryPage(
        switch=presenter.show_switch(state, queries.list_outbox(), name_decider(state)),
        ask=ask if ask in presenter.ASKS else "",
        payload=show_payload(name, preview(name, state), form=request.GET.get("form", "")),
        reports=tuple(map(report_row, queries.list_reports(queries.LISTED_REPORTS))),
        report_count=queries.count_reports(),
        hosts=host_rows(queries.list_hosts(), name_tenants()),
        decisions=tuple(read_decisions()),
        catalogue=tuple(EVENTS.values()),
    )


def name_decider(state: TelemetryState) -> str:
    if state.decided_by_id is None:
        return "a command on the server"
    return name_actors([state.decided_by_id]).get(state.decided_by_id, "an operator")


def read_decisions() -> list[ActivityLine]:
    events = list_decisions()
    names = name_actors(event.actor_id for event in events if event.actor_id)
    return activity_lines(events, names=names, now=timezone.now())
