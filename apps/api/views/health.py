"""For load balancers: no sign-in, no details."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.operations.domain.health import is_ready


@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_: HttpRequest) -> HttpResponse:
    """Database, migrations, isolation, broker and keys are there."""
    if is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready\n", status=503, content_type="text/plain")
