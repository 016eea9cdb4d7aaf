"""`{count, next, previous, results}` by page number."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from apps.api.inputs import PageInput
from apps.common.errors import NotFound

Row = TypeVar("Row")


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


def make_older(
    request: Request, rows: Sequence[Row], size: int, *, present: Callable[[Row], Any], mark: str
) -> dict[str, Any]:
    """A page of what grows without end, newest first and not counted; one row more was read.

    `mark` names the attribute of the last row that the next page begins `before`.
    """
    shown, link = rows[:size], None
    if len(rows) > size:
        url = replace_query_param(request.build_absolute_uri(), "page_size", str(size))
        link = replace_query_param(url, "before", str(getattr(shown[-1], mark)))
    return {"next": link, "results": [present(row) for row in shown]}


def check_page(page: PageInput, *, count: int) -> None:
    if page.number > 1 and page.offset >= count:
        raise NotFound("There is no such page.")


def _link(request: Request, page: PageInput, number: int) -> str:
    url = replace_query_param(request.build_absolute_uri(), "page_size", str(page.size))
    return replace_query_param(url, "page", str(number))
