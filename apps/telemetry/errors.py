"""Why a call did not take place."""

from apps.telemetry.enums import Failure


class NotSentError(Exception):
    """There was no HTTP status; says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.label)
        self.failure = failure


class TurnedOffError(Exception):
    """Telemetry was turned off, or its id replaced, before the bytes left."""
