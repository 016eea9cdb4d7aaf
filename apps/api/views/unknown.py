"""Paths of the API that do not exist."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def answer_unknown_path(_: HttpRequest, **__: Any) -> JsonResponse:
    return JsonResponse({"detail": "Not found.", "error": "Not found."}, status=404)
