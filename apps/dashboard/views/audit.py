"""The audit trail of the chosen tenant, and of the instance: the same pages at two addresses."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.audit.canonical import checkpoint_bytes
from apps.audit.domain.checks import start_check
from apps.audit.domain.details import reveal_details
from apps.audit.domain.exporting import export_trail
from apps.audit.domain.signing import is_signed, read_public_keys
from apps.audit.queries import read_trail_state
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.audit import ReadAuditForm, TrailFilterForm
from apps.dashboard.presenters import audit as presenter
from apps.dashboard.presenters.trail_state import trail_state
from apps.dashboard.queries import audit as queries
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.render import render_page
from apps.dashboard.views.entities import read_uuid
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.operations.domain.audit_trails import send_check
from apps.tenants.domain.tenants import audit_api_reads
from apps.tenants.enums import ReadAudit
from apps.tenants.models import Tenant
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from apps.audit.domain.signing import PublicKeys
    from apps.common.actor import Actor
    from apps.dashboard.presenters.audit import EventView, TrailLinks
    from apps.dashboard.request import OperatorRequest

    Act = Callable[..., HttpResponse]

LINES = "application/x-ndjson"
MOST_EXPORTED = 50_000  # events; more are written by the command


def of_tenant(act: Act, permission: Permission) -> Act:
    @require_permission(permission)
    def view(request: OperatorRequest, /, **given: Any) -> HttpResponse:
        return act(request, presenter.TrailLinks(request.tenant, is_instance=False), **given)

    return view


def of_instance(act: Act) -> Act:
    @require_permission(Permission.INSTANCE_AUDIT)
    def view(request: OperatorRequest, /, **given: Any) -> HttpResponse:
        tenant = Tenant.objects.get(id=INSTANCE_TENANT_ID)
        return act(request, presenter.TrailLinks(tenant, is_instance=True), **given)

    return view


def event_list(request: OperatorRequest, links: TrailLinks) -> HttpResponse:
    before, after = (read_uuid(request.GET.get(name)) for name in ("before", "after"))
    with tenant_scope(links.tenant.id):
        form = TrailFilterForm(request.GET, actors=queries.list_actors())
        page = queries.list_events(form.given, before=before, after=after)
        found = read_trail_state()
    names = name_actors(presenter.names_of(page.events))
    context = {
        "links": links,
        "form": form,
        "timeline": presenter.timeline(page, links=links, names=names, form=form),
        "trail": trail_state(found, slug=links.tenant.slug, most_exported=MOST_EXPORTED),
        "reads": list(ReadAudit),
        "api_reads": links.tenant.api_reads,
    }
    parts = {"verification": "dashboard/audit/_state.html"}
    return render_page(request, "dashboard/audit/list.html", context, parts=parts)


def event_detail(request: OperatorRequest, links: TrailLinks, event_id: UUID) -> HttpResponse:
    keys = read_public_keys()
    with tenant_scope(links.tenant.id):
        event = read_event(links, event_id, keys)
    return render_event(request, links, event)


def event_reveal(request: OperatorRequest, links: TrailLinks, event_id: UUID) -> HttpResponse:
    """Shows the personal details once; that they were read is an event."""
    with tenant_scope(links.tenant.id):
        queries.get_event(event_id)
    if request.method != "POST":
        return redirect(links.href("detail", event_id))
    answer: HttpResponse = reveal_event(request, links, event_id)
    return answer


@require_recent_sign_in
def reveal_event(request: OperatorRequest, links: TrailLinks, event_id: UUID) -> HttpResponse:
    keys = read_public_keys()
    with tenant_scope(links.tenant.id):
        event = read_event(links, event_id, keys, reveals_to=request.actor)
    return render_event(request, links, event)


@require_POST
def trail_verify(request: OperatorRequest, links: TrailLinks) -> HttpResponse:
    """One at a time: where one runs already, this sends it again, in case the queue has lost it."""
    with tenant_scope(links.tenant.id):
        check = read_trail_state().running or start_check(by=request.actor)
    if not send_check(tenant_id=links.tenant.id, check_id=check.id):
        messages.error(request, "The queue cannot be reached. Verify again in a moment.")
    return redirect(links.index)


@require_recent_sign_in
def trail_export(request: OperatorRequest, links: TrailLinks) -> HttpResponse:
    """A finished file: nothing is read from the database while it is sent."""
    if request.method != "POST":
        return redirect(links.index)
    with tenant_scope(links.tenant.id):
        last = read_trail_state().last
    if last and last.last > MOST_EXPORTED:
        messages.error(request, f"More than {MOST_EXPORTED:,} events are exported by the command")
        return redirect(links.index)
    file = TemporaryFile()  # noqa: SIM115 - closed with the response
    export_trail(tenant_id=links.tenant.id, out=file, by=request.actor)
    file.seek(0)
    name = f"audit-{links.tenant.slug}.jsonl"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=LINES)
    return cast("HttpResponse", response)


@require_POST
def reads_choose(request: OperatorRequest, links: TrailLinks) -> HttpResponse:
    form = ReadAuditForm(request.POST)
    if form.is_valid():
        which = ReadAudit(form.cleaned_data["which"])
        audit_api_reads(tenant=links.tenant, which=which, by=request.actor)
        messages.success(request, f"Reads by applications: {which.label.lower()}")
    else:
        messages.error(request, next(str(errors[0]) for errors in form.errors.values()))
    return redirect(links.index)


def read_event(
    links: TrailLinks, event_id: UUID, keys: PublicKeys, *, reveals_to: Actor | None = None
) -> EventView:
    event = queries.get_event(event_id)
    sealing = queries.read_sealing(event)
    personal = reveal_details(event=event, by=reveals_to) if reveals_to else None
    if event.details_digest is None:
        details = "none"
    elif personal is not None:
        details = "revealed"
    else:
        details = "hidden" if not reveals_to and queries.has_details(event) else "erased"
    return presenter.event_view(
        event,
        links=links,
        names=name_actors(presenter.names_of([event])),
        sealing=sealing,
        is_signed=sealing is not None and is_genuine(sealing, keys),
        details=details,
        personal=personal,
    )


def is_genuine(sealing: queries.Sealing, keys: PublicKeys) -> bool:
    checkpoint = sealing.checkpoint
    message, signature = checkpoint_bytes(checkpoint), bytes(checkpoint.signature)
    return is_signed(message, signature, key=keys.get(checkpoint.key_id))


def render_event(request: OperatorRequest, links: TrailLinks, event: EventView) -> HttpResponse:
    parts = {"peek": "dashboard/audit/_peek.html"}
    context = {"links": links, "event": event}
    return render_page(request, "dashboard/audit/show.html", context, parts=parts)
