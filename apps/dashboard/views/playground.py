from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission
from apps.dashboard.forms.playground import ADD, EXAMPLES, PlaygroundForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.playground import Exchange, added_exchange, recalled_exchange
from apps.dashboard.reads import record_rows
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.memories import add_memories
from apps.memories.domain.search import search_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

TOP = 5


@require_permission(Permission.PLAYGROUND_USE)
def playground(request: OperatorRequest) -> HttpResponse:
    """What is added here is kept verbatim, as any memory of that user."""
    form = PlaygroundForm(request.POST or None)
    exchange = None
    if form.is_valid():
        try:
            exchange = add(request, form) if form.cleaned_data["act"] == ADD else ask(request, form)
        except DomainError as error:
            add_refusal(form, error)
    context = {"form": form, "exchange": exchange, "examples": list(enumerate(EXAMPLES))}
    parts = {"talk": "dashboard/playground/_exchange.html"}
    return render_page(request, "dashboard/playground/show.html", context, parts=parts)


def add(request: OperatorRequest, form: PlaygroundForm) -> Exchange:
    user, text = form.cleaned_data["user"], form.cleaned_data["text"]
    new = NewMemories(
        messages=[NewMessage(text)],
        entity_ids={EntityKind.USER: user},
        created_at=timezone.now(),
    )
    [added] = add_memories(tenant_id=request.tenant.id, new=new, by=request.actor).added
    return added_exchange(user, text, added, host=read_host(request))


def ask(request: OperatorRequest, form: PlaygroundForm) -> Exchange:
    user, text = form.cleaned_data["user"], form.cleaned_data["text"]
    started = perf_counter()
    found = search_memories(
        tenant_id=request.tenant.id,
        query=text,
        filters=match_entities({EntityKind.USER: user}),
        top_k=TOP,
    )
    ms = (perf_counter() - started) * 1000
    with tenant_scope(request.tenant.id):
        record_rows(request, [hit.memory for hit in found.hits], is_search=True)
    return recalled_exchange(user, text, found, ms=ms, host=read_host(request))


def read_host(request: OperatorRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
