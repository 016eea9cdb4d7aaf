"""Base of the API's views."""

from typing import ClassVar

from rest_framework.views import APIView

from apps.tenants.enums import ApiScope


class ScopedView(APIView):
    """Names for each method the scope that a key needs; None is for any key."""

    scopes: ClassVar[dict[str, ApiScope | None]]
    says_message: ClassVar[bool] = False  # in errors, beside `detail` and `error`
