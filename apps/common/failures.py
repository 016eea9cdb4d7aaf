"""What the log tells of an error that nobody expected."""

import traceback
from typing import Any

import structlog

logger = structlog.get_logger("memoryhub.failure")

FRAMES = 15  # the innermost ones


def log_failure(error: BaseException) -> None:
    logger.error("unhandled error", **describe_failure(error))


def describe_failure(error: BaseException) -> dict[str, Any]:
    """Its class and where it arose. Never its message or locals, which could hold text."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
