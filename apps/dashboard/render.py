"""The one place that decides between a whole page and a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.cache import patch_vary_headers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.presenters.confirmations import Confirmation
    from apps.dashboard.request import OperatorRequest

PAGE = "page"


def render_page(
    request: OperatorRequest,
    template: str,
    context: dict[str, Any],
    *,
    parts: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page, or with the template in `parts` for the element that htmx swaps.

    A boosted link swaps `#page`: then `base.html` leaves out what stands around it.
    """
    part = (parts or {}).get(swapped_element(request))
    response = render(request, part or template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def render_confirmation(request: OperatorRequest, confirmation: Confirmation) -> HttpResponse:
    """Asked by GET; the form on it is sent to the same address by POST."""
    return render_page(request, "dashboard/confirm.html", {"confirmation": confirmation})


def swapped_element(request: Any) -> str:
    """The id of the element that htmx asks for; empty when a whole document is needed."""
    htmx = getattr(request, "htmx", None)
    return (htmx and not htmx.history_restore_request and htmx.target) or ""
