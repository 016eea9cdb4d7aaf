"""What a person sees of a request without an account: its state, and the copy."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.core.cache import cache
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from apps.common.actor import SYSTEM
from apps.common.errors import DomainError
from apps.dashboard.forms.particulars import LABELS
from apps.dashboard.presenters.requests import STATES, say_kind, say_state
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.copies import open_copy
from apps.privacy.domain.links import exchange_link, find_link, is_usable
from apps.privacy.domain.particulars import read_handling
from apps.privacy.enums import RefusalReason, RequestState
from apps.privacy.queries import read_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

COOKIE = "person"
TRIES, SECONDS = 30, 60  # of one address


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Few tries a minute; what is wrong is one and the same page."""

    @wraps(view)
    def answer(request: HttpRequest, **given: Any) -> HttpResponse:
        if is_too_often(request):
            response = render(request, "429.html", status=429)
        else:
            try:
                response = view(request, **given)
            except (DomainError, Http404):
                response = render(request, "person/expired.html", status=404)
        add_never_cache_headers(response)
        response["Cache-Control"] = "no-store"
        return response

    return answer


@guarded
def person_enter(request: HttpRequest, token: str) -> HttpResponse:
    """A press exchanges the link: programs that look at links in mails press nothing."""
    if not is_usable(token):
        raise Http404
    if request.method != "POST":
        return render(request, "person/enter.html")
    response = redirect("person")
    response.set_cookie(
        COOKIE,
        exchange_link(token=token, by=SYSTEM),
        httponly=True,
        secure=request.is_secure(),
        samesite="Strict",
        path="/person/",
    )
    return response


@guarded
@require_safe
def person_show(request: HttpRequest) -> HttpResponse:
    link = find_link(cookie=request.COOKIES.get(COOKIE, ""))
    found = read_request(tenant_id=link.tenant_id, request_id=link.item_id)
    with tenant_scope(link.tenant_id):
        said = read_handling().said
    context = {
        "kind": say_kind(found),
        "request": found,
        "state": STATES[found.state],
        "words": say_state(found.state),
        "said": {label: getattr(said, name) for name, (label, _) in LABELS.items()},
        "is_said": any(getattr(said, name) for name in LABELS),
        "reason": RefusalReason(found.refusal).label if found.refusal else "",
        "has_copy": found.kind in {"access", "portability"} and found.state == RequestState.DONE,
    }
    return render(request, "person/show.html", context)


@guarded
@require_safe
def person_copy(request: HttpRequest) -> HttpResponse:
    link = find_link(cookie=request.COOKIES.get(COOKIE, ""))
    file, size = open_copy(tenant_id=link.tenant_id, request_id=link.item_id, by=SYSTEM)
    headers = {"Content-Length": str(size)}
    response = FileResponse(
        file,
        as_attachment=True,
        filename="copy.zip",
        content_type="application/zip",
        headers=headers,
    )
    return cast("HttpResponse", response)


def is_too_often(request: HttpRequest) -> bool:
    key = f"person:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, SECONDS)
    try:
        return int(cache.incr(key)) > TRIES
    except ValueError:  # it ran out in between
        return False
