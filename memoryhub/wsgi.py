"""The web server's entrance: one handler for browsers, a lean one for applications."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")

from memoryhub import celery  # noqa: F401 - tasks are sent through our application


class ApiHandler(WSGIHandler):
    """Without what only a browser needs: sessions, CSRF, CSP and more cost a fifth of a read."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        hooks: list[Any] = []  # ours have none
        self._view_middleware = self._template_response_middleware = hooks
        self._exception_middleware = hooks
        handler = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for path in reversed(settings.API_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


for_browsers = get_wsgi_application()

from memoryhub.start import check_start  # noqa: E402 - its models need the applications

check_start()
for_applications = ApiHandler()
_ = get_resolver().url_patterns  # imports all views, which the first request would wait for

# What is loaded by now stays: the collector need not look through it again and again, and what a
# request leaves behind is mostly freed without it. Measured: a sixth of a request's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = "/" + environ.get("PATH_INFO", "").lstrip("/")
    is_api = path.startswith(settings.API_PREFIXES)
    return (for_applications if is_api else for_browsers)(environ, start_response)
