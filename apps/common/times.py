"""Times and days as applications write them."""

from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo


def parse_moment(value: Any, *, zone: ZoneInfo | None = None) -> datetime:
    """Unix seconds, or ISO 8601; without an offset in `zone`, or UTC. ValueError for all else."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(cast("str", value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)
        return moment.astimezone(UTC)
    except (TypeError, OverflowError, OSError) as error:
        raise ValueError(str(error)) from None


def parse_day(value: Any) -> date:
    """`YYYY-MM-DD`, nothing else. ValueError for all else."""
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except TypeError as error:
        raise ValueError(str(error)) from None
