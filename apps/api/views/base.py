"""Base of the API's views."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from apps.telemetry.domain.reports import telemetry
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class ScopedView(APIView):
    """Names for each method the scope that a key needs; None is for any key.

    `features` names for each method what is used by it, for those that are counted.
    """

    scopes: ClassVar[dict[str, ApiScope | None]]
    features: ClassVar[dict[str, Feature]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if feature := self.features.get(request.method or ""):
            telemetry.capture_client_event(feature)
