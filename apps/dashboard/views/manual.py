from __future__ import annotations

from typing import TYPE_CHECKING

from apps.dashboard.access import require_permission
from apps.dashboard.presenters.manual import list_pages, read_page
from apps.dashboard.render import render_page
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.MANUAL_VIEW)
def manual(request: OperatorRequest) -> HttpResponse:
    return render_page(request, "dashboard/manual/list.html", {"pages": list_pages()})


@require_permission(Permission.MANUAL_VIEW)
def manual_page(request: OperatorRequest, slug: str) -> HttpResponse:
    context = {"page": read_page(slug), "pages": list_pages()}
    return render_page(request, "dashboard/manual/show.html", context)
