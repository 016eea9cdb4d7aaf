from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from django.conf import settings

from apps.dashboard.access import require_permission
from apps.dashboard.presenters.about import find_version, list_packages
from apps.dashboard.render import render_page
from apps.operations.estimates import estimate
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.ABOUT_VIEW)
def about(request: OperatorRequest) -> HttpResponse:
    versions = (
        ("MemoryHub", settings.VERSION),
        ("Python", platform.python_version()),
        ("Django", find_version("django")),
        ("PostgreSQL", estimate([]).version),
        ("Embedder", settings.EMBEDDER),
    )
    context = {"versions": versions, "packages": list_packages()}
    return render_page(request, "dashboard/about/show.html", context)
