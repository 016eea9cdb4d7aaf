from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.presenters import jobs as presenter
from apps.dashboard.queries import jobs as queries
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.jobs import retry_job
from apps.memories.domain.reads import record_revealed
from apps.memories.enums import JobState
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

ROOM = "dashboard:job-list"


@require_permission(Permission.JOB_VIEW)
def job_list(request: OperatorRequest) -> HttpResponse:
    shown = request.GET.get("state", "")
    state = JobState(shown) if shown in JobState.values else None
    with tenant_scope(request.tenant.id):
        page = queries.list_jobs(state, read_id(request.GET.get("before", "")))
        rows = [presenter.job_row(view) for view in page.rows]
        tabs = presenter.job_tabs(queries.count_states(), state or "")
    older = {"state": state or "", "before": page.rows[-1].job.id} if page.has_older else {}
    context = {
        "rows": rows,
        "tabs": tabs,
        "older": f"{reverse(ROOM)}?{urlencode(older)}" if older else "",
    }
    return render_page(request, "dashboard/jobs/list.html", context)


@require_permission(Permission.JOB_VIEW)
def job_detail(request: OperatorRequest, job_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        view, sent = queries.get_job(job_id), queries.list_messages(job_id)
        job = presenter.job_detail(view, sent, reveals=False)
    return render_job(request, job)


@require_permission(Permission.MEMORY_REVEAL)
def job_reveal(request: OperatorRequest, job_id: UUID) -> HttpResponse:
    """Shows what was sent and what came of it, for this one view of the page."""
    if request.method != "POST":
        return redirect("dashboard:job-detail", job_id)
    answer: HttpResponse = reveal(request, job_id)
    return answer


@require_recent_sign_in
def reveal(request: OperatorRequest, job_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        view, sent = queries.get_job(job_id), queries.list_messages(job_id)
        job = presenter.job_detail(view, sent, reveals=True)
        count = len(sent) + len(view.memories)
        record_revealed(entity_id=view.job.key_owner_id, count=count, by=request.actor)
    return render_job(request, job)


def render_job(request: OperatorRequest, job: presenter.JobDetail) -> HttpResponse:
    context = {
        "job": job,
        "may_retry": job.can_retry and has_permission(request, Permission.JOB_RETRY),
        "may_reveal": has_permission(request, Permission.MEMORY_REVEAL),
    }
    return render_page(request, "dashboard/jobs/show.html", context)


@require_permission(Permission.JOB_RETRY)
@require_POST
def job_retry(request: OperatorRequest, job_id: UUID) -> HttpResponse:
    try:
        retry_job(tenant_id=request.tenant.id, job_id=job_id, by=request.actor)
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, "The job goes on where it stopped")
    return redirect("dashboard:job-detail", job_id)


def read_id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
