"""The link for the person: made by an operator, exchanged once for a cookie, then gone."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.moves import get_request
from apps.privacy.models import SubjectLink


def make_link(*, tenant_id: UUID, request_id: UUID, by: Actor) -> str:
    """A new token for this request; links that were made before stop working."""
    token = secrets.token_urlsafe(32)
    with tenant_scope(tenant_id):
        get_request(request_id)
        SubjectLink.objects.filter(tenant_id=tenant_id, item_id=request_id).delete()
        SubjectLink.objects.create(
            token_hash=_hash(token),
            tenant_id=tenant_id,
            item_id=request_id,
            expires_at=timezone.now() + timedelta(days=settings.EXPORT_DAYS),
        )
        record(Action.LINK_MAKE, by=by, target_id=request_id)
    return token


def exchange_link(*, token: str, by: Actor) -> str:
    """The cookie that the token is given for. NotFound the second time, and after its time."""
    cookie = secrets.token_urlsafe(32)
    with transaction.atomic():
        found = SubjectLink.objects.filter(
            token_hash=_hash(token), cookie_hash=None, expires_at__gt=timezone.now()
        )
        link = found.select_for_update().first()
        if link is None:
            raise NotFound("This link was used, or its time is over.")
        link.cookie_hash = _hash(cookie)
        link.save(update_fields=["cookie_hash"])
        with tenant_scope(link.tenant_id):
            record(Action.LINK_USE, by=by, target_id=link.item_id)
    return cookie


def find_link(*, cookie: str) -> SubjectLink:
    """NotFound for a cookie that is not known, or whose time is over."""
    found = SubjectLink.objects.filter(
        cookie_hash=_hash(cookie), expires_at__gt=timezone.now()
    ).first()
    if found is None:
        raise NotFound("This link was used, or its time is over.")
    return found


def is_usable(token: str) -> bool:
    """Whether it can still be exchanged."""
    unused = SubjectLink.objects.filter(token_hash=_hash(token), cookie_hash=None)
    return unused.filter(expires_at__gt=timezone.now()).exists()


def _hash(secret: str) -> bytes:
    """Random secrets of 256 bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
