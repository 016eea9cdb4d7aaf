from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.forms.playground import ADD, EXAMPLES, PlaygroundForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.playground import Exchange, added_exchange, recalled_exchange
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.memories import add_memories
from apps.memories.domain.reads import record_revealed, record_search
from apps.memories.domain.search import search_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities
from apps.memories.queries.entities import find_entities
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

TOP = 5


@require_permission(Permission.PLAYGROUND_USE)
def playground(request: OperatorRequest) -> HttpResponse:
    """What is added here is kept verbatim, as any memory of that user."""
    form = PlaygroundForm(request.POST or None)
    is_add = form.is_valid() and form.cleaned_data["act"] == ADD
    return exchange_words(request, form, add if is_add else recall)


@require_permission(Permission.MEMORY_REVEAL)
def playground_reveal(request: OperatorRequest) -> HttpResponse:
    """Asks once more and shows the texts for this one view; that they were shown is an event."""
    if request.method != "POST":
        return redirect("dashboard:playground")
    answer: HttpResponse = reveal_recalled(request)
    return answer


@require_recent_sign_in
def reveal_recalled(request: OperatorRequest) -> HttpResponse:
    form = PlaygroundForm(request.POST)
    return exchange_words(request, form, partial(recall, reveals=True))


def exchange_words(
    request: OperatorRequest, form: PlaygroundForm, answer: Callable[..., Exchange]
) -> HttpResponse:
    exchange = None
    if form.is_valid():
        try:
            exchange = answer(request, **read_words(form))
        except DomainError as error:
            add_refusal(form, error)
    context = {
        "form": form,
        "exchange": exchange,
        "examples": list(enumerate(EXAMPLES)),
        "may_reveal": has_permission(request, Permission.MEMORY_REVEAL),
    }
    parts = {"talk": "dashboard/playground/_exchange.html"}
    return render_page(request, "dashboard/playground/show.html", context, parts=parts)


def read_words(form: PlaygroundForm) -> dict[str, str]:
    return {name: form.cleaned_data[name] for name in ("user", "text")}


def add(request: OperatorRequest, *, user: str, text: str) -> Exchange:
    new = NewMemories(
        messages=[NewMessage(text)],
        entity_ids={EntityKind.USER: user},
        created_at=timezone.now(),
    )
    [added] = add_memories(tenant_id=request.tenant.id, new=new, by=request.actor).added
    return added_exchange(user, text, added, host=read_host(request))


def recall(request: OperatorRequest, *, user: str, text: str, reveals: bool = False) -> Exchange:
    started = perf_counter()
    found = search_memories(
        tenant_id=request.tenant.id,
        query=text,
        filters=match_entities({EntityKind.USER: user}),
        top_k=TOP,
    )
    ms = (perf_counter() - started) * 1000
    record_recall(request, user, [hit.memory.id for hit in found.hits], reveals=reveals)
    return recalled_exchange(user, text, found, ms=ms, host=read_host(request), reveals=reveals)


def record_recall(
    request: OperatorRequest, user: str, ids: Sequence[UUID], *, reveals: bool
) -> None:
    name, count = (EntityKind.USER, user), len(ids)
    with tenant_scope(request.tenant.id):
        entity = find_entities([name]).get(name)
        entity_id = entity.id if entity else None
        record_search(entity_id=entity_id, count=count, by=request.actor)
        if reveals:
            record_revealed(entity_id=entity_id, count=count, memory_ids=ids, by=request.actor)


def read_host(request: OperatorRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
