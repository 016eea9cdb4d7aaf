"""Acts that need a recent sign-in: the password is asked for before them, not after."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

P = ParamSpec("P")


def require_recent_sign_in(
    view: Callable[Concatenate[OperatorRequest, P], HttpResponse],
) -> Callable[..., Any]:
    """Goes to the confirmation of the password, and from there back to the page."""

    @wraps(view)
    def guarded(request: OperatorRequest, *args: P.args, **kwargs: P.kwargs) -> Any:
        if did_recently_reauthenticate(request):
            return view(request, *args, **kwargs)
        back = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{back}")

    return guarded
