"""`{count, next, previous, results}` by page number."""

from typing import Any

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from apps.api.inputs import PageInput
from apps.common.errors import NotFound


def make_page(
    request: Request, page: PageInput, *, count: int, results: list[Any]
) -> dict[str, Any]:
    """A page past the end is NotFound; the first one may be empty."""
    check_page(page, count=count)
    has_next = page.offset + page.size < count
    return {
        "count": count,
        "next": _link(request, page, page.number + 1) if has_next else None,
        "previous": _link(request, page, page.number - 1) if page.number > 1 else None,
        "results": results,
    }


def check_page(page: PageInput, *, count: int) -> None:
    if page.number > 1 and page.offset >= count:
        raise NotFound("There is no such page.")


def _link(request: Request, page: PageInput, number: int) -> str:
    url = replace_query_param(request.build_absolute_uri(), "page_size", str(page.size))
    return replace_query_param(url, "page", str(number))
