"""Base of the API's views."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api.authentication import key_of
from apps.api.rate_limits import Allowance, take_request
from apps.common.errors import TooMany
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class ScopedView(APIView):
    """Names for each method the scope that a key needs; None is for any key.

    `features` names for each method what is used by it, for those that are counted.
    """

    scopes: ClassVar[dict[str, ApiScope | None]]
    features: ClassVar[dict[str, Feature]] = {}
    says_message: ClassVar[bool] = False  # in errors, beside `detail` and `error`
    allowance: Allowance | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if feature := self.features.get(request.method or ""):
            telemetry.capture_client_event(feature)

    def check_throttles(self, request: Request) -> None:
        key = key_of(request)
        self.allowance = take_request(key_id=key.id, tenant_id=key.tenant_id)
        if self.allowance and not self.allowance.is_allowed:
            raise TooMany("Too many requests.", seconds=self.allowance.seconds)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        for name, value in (self.allowance.headers if self.allowance else {}).items():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)
