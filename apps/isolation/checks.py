"""`manage.py check --database default`: is the serving role kept to one tenant's rows?"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS

from apps.isolation.row_security import RowSecurityMissing, check_row_security


@register(Tags.database)
def check_serving_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        check_row_security()
    except RowSecurityMissing as error:
        return [Error(str(error), id="isolation.E001")]
    return []
