"""The only door to PostHog. Imported when there is something to send and telemetry is on.

Reports go through the SDK's own `batch_post`, with a session of ours: no redirects, no proxy or
password from the environment, one host, and bytes that are looked at before they leave.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from posthog.request import APIError, batch_post
from requests.adapters import HTTPAdapter

from apps.telemetry.enums import Failure
from apps.telemetry.errors import NotSentError, TurnedOffError
from apps.telemetry.payload import PATH, build_body

CONNECT_SECONDS, READ_SECONDS = 3.05, 5.0
HEADERS = frozenset({"Content-Type", "User-Agent", "Content-Length"})

Batch = list[dict[str, Any]]
Claim = Callable[[bytes], None]


def post_batch(batch: Batch, *, claim: Claim) -> int:
    """Send these reports in one call; answers the HTTP status. Waits 8 seconds at most.

    `claim` gets the exact bytes just before they leave. NotSentError where there is no status,
    TurnedOffError where `claim` raises it.
    """
    with _Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, _PinnedAdapter(batch, claim))
        try:
            return _post(session, batch)
        except (NotSentError, TurnedOffError):
            raise
        except requests.Timeout:
            raise NotSentError(Failure.TIMEOUT) from None
        except requests.RequestException:
            raise NotSentError(Failure.NO_ANSWER) from None
        except Exception as error:
            raise NotSentError(Failure.FAULT) from error


def _post(session: requests.Session, batch: Batch) -> int:
    try:
        response = batch_post(
            settings.POSTHOG_PROJECT_KEY or "",
            host=settings.POSTHOG_HOST,
            timeout=(CONNECT_SECONDS, READ_SECONDS),  # type: ignore[arg-type]
            session=session,
            batch=batch,
            historical_migration=False,
        )
    except APIError as error:
        return int(error.status)
    return response.status_code


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers.clear()

    def get_redirect_target(self, resp: requests.Response) -> None:
        """A redirect is an answer like any other: nothing goes where it points."""


class _PinnedAdapter(HTTPAdapter):
    """Sends one batch to one address, and only in the form that the page shows."""

    def __init__(self, batch: Batch, claim: Claim) -> None:
        super().__init__()
        self._batch = batch
        self._claim = claim

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        body = request.body.encode() if isinstance(request.body, str) else b""
        request.body = body
        self._claim(body)
        if not self._is_known(request, body):
            raise NotSentError(Failure.CHANGED_WIRE)
        kwargs["stream"] = True  # the answer's body is of no use, however long it is
        response = super().send(request, *args, **kwargs)
        response.close()
        response._content = b""
        return response

    def _is_known(self, request: requests.PreparedRequest, body: bytes) -> bool:
        try:
            sent = json.loads(body)
            datetime.fromisoformat(sent["sent_at"])
        except (KeyError, TypeError, ValueError):
            return False
        return (
            request.url == f"{settings.POSTHOG_HOST}{PATH}"
            and request.headers.keys() == HEADERS
            and sent == build_body(self._batch, sent_at=sent["sent_at"])
        )
