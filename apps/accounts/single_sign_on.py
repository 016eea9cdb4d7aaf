"""Single sign-on leads to operators that exist already; it makes none."""

from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from requests import PreparedRequest, RequestException, Response, Session

from apps.accounts.enums import Factor
from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call

PROVIDER_ID = "sso"
TIMEOUT = 10  # seconds

logger = structlog.get_logger("memoryhub.accounts")


class NotedSession(Session):
    """Each call goes into the list of outbound hosts."""

    def send(self, request: PreparedRequest, **given: Any) -> Response:
        sent = int(request.headers.get("Content-Length", 0))
        note_call(urlsplit(request.url or "").netloc, Purpose.SIGN_ON, sent=sent)
        return super().send(request, **{**given, "timeout": TIMEOUT})


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, *_: Any) -> bool:
        return False

    def get_requests_session(self) -> Session:
        return NotedSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """An identity seen first is tied to the operator with its verified e-mail; the rest of what
        the provider tells about the person is not kept.
        """
        account = sociallogin.account
        account.extra_data = {}
        if sociallogin.is_existing:
            account.save(update_fields=["extra_data"])  # allauth has just written it
        elif operator := find_operator(sociallogin):
            with transaction.atomic(), tenant_scope(INSTANCE_TENANT_ID):
                sociallogin.connect(request, operator)
                record(
                    Action.FACTOR_ADD, by=SYSTEM, target_id=operator.id, kind=Factor.SINGLE_SIGN_ON
                )


def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return cast("HttpResponse", views.login(request, provider_id))
    except RequestException as error:
        logger.error("single sign-on unreachable", error=type(error).__name__)  # noqa: TRY400
        return render(request, "socialaccount/authentication_error.html", status=502)


def find_operator(sociallogin: SocialLogin) -> Operator | None:
    verified = [one.email.strip().lower() for one in sociallogin.email_addresses if one.verified]
    return Operator.objects.filter(email__in=verified).first()


def sign_on_url(target: str = "") -> str:
    """Empty where single sign-on is not configured."""
    if not settings.HAS_SINGLE_SIGN_ON:
        return ""
    url = reverse("openid_connect_login", args=[PROVIDER_ID])
    return f"{url}?{urlencode({'next': target})}" if target else url
