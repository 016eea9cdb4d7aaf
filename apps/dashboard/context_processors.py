"""What every template may name: theme, layout, shell and request id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.single_sign_on import sign_on_url
from apps.common.context import request_id
from apps.dashboard.presenters.parts import Choice
from apps.dashboard.presenters.shell import build_shell
from apps.dashboard.render import PAGE, swapped_element

if TYPE_CHECKING:
    from django.http import HttpRequest

THEME_COOKIE = "theme"
SYSTEM = "system"
THEMES = {"light": "Light", "dark": "Dark", SYSTEM: "System"}


def dashboard(request: HttpRequest) -> dict[str, Any]:
    theme = read_theme(request)
    shell = build_shell(request)
    return {
        "theme": theme,
        "themes": [Choice(label, name, name == theme) for name, label in THEMES.items()],
        "layout": "fragment.html" if swapped_element(request) == PAGE else "document.html",
        "error_base": "base.html" if shell else "entrance.html",
        "shell": shell,
        "sign_on": read_sign_on(request),
        "request_id": request_id.get(),
    }


def read_sign_on(request: HttpRequest) -> Choice:
    """The button of single sign-on; without an address where there is none."""
    target = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return Choice(
        f"Continue with {settings.SINGLE_SIGN_ON_NAME}", sign_on_url(target if is_ours else "")
    )


def read_theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get(THEME_COOKIE, SYSTEM)
    return theme if theme in THEMES else SYSTEM
