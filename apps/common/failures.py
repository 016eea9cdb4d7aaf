"""What the log tells of an error that nobody expected."""

import traceback

import structlog

logger = structlog.get_logger("memoryhub.failure")

FRAMES = 15  # the innermost ones


def log_failure(error: BaseException) -> None:
    """Its class and where it arose. Never its message or arguments: they could hold a value."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    logger.error(
        "unhandled error",
        error=type(error).__name__,
        at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
