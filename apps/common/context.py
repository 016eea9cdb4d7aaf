"""What belongs to the request at hand and is written beside each log line and audit event."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
