"""What is remembered, for a prompt."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import body_of, tenant_id_of
from apps.api.inputs import read_search
from apps.api.presenting import present_recalled
from apps.api.reads import record_search
from apps.api.views.base import ScopedView
from apps.memories.domain.recalling import recall_text
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

MOST_TOKENS = 100_000


class Recall(ScopedView):
    """POST /api/v1/recall/: the best memories as one text, never above the budget of tokens."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.SEARCH}

    def post(self, request: Request) -> Response:
        body = body_of(request)
        asked = read_search(body)
        recalled = recall_text(
            tenant_id=tenant_id_of(request),
            query=asked.query,
            filters=asked.filters,
            max_tokens=reading.read_int(body, "max_tokens", default=1_000, low=1, high=MOST_TOKENS),
            threshold=asked.threshold,
            has_expired=asked.has_expired,
            today=asked.today,
        )
        record_search(request, [hit.memory for hit in recalled.hits])
        return Response(present_recalled(recalled))
