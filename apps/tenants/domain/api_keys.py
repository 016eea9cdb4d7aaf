"""Making, checking and revoking API keys."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.crypto import Key
from apps.common.errors import Forbidden, Invalid, NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.keys.instance import PEPPER, read_instance_secret
from apps.tenants.enums import DEFAULT_SCOPES, ApiScope
from apps.tenants.models import ApiKey, Tenant
from apps.tenants.secrets import KeyText, make_key_text, parse_key_text

AUDITED_READS = "audited_reads"

_key_by_lookup = Compiled(
    lambda: ApiKey.objects.filter(lookup_id=Bind("lookup_id"), tenant__closed_at=None).annotate(
        **{AUDITED_READS: F("tenant__api_reads")}
    )
)

NAME_LENGTH = 80
LAST_USE_STEP = timedelta(hours=1)  # last use is kept no finer than this


def create_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Sequence[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
    parent: ApiKey | None = None,
    by: Actor,
) -> tuple[ApiKey, str]:
    """The key's row and its text, which can't be had a second time.

    With a `parent`, the key that asks for it, it gets no scope and no day that the parent lacks.
    """
    if not name.strip() or len(name) > NAME_LENGTH:
        raise Invalid(f"Give the key a name of 1 to {NAME_LENGTH} characters.", field="name")
    unknown = set(scopes) - set(ApiScope.values)
    if unknown or not scopes:
        allowed = ", ".join(ApiScope.values)
        raise Invalid(f"A scope is one of {allowed}.", field="scopes")
    if expires_at and expires_at <= timezone.now():
        raise Invalid("A key must expire in the future.", field="expires_at")
    if parent:
        _refuse_more(parent, scopes, expires_at)
    text = make_key_text()
    pepper = read_instance_secret(PEPPER)
    with tenant_scope(tenant.id):
        key = ApiKey.objects.create(
            tenant=tenant,
            name=name.strip(),
            lookup_id=text.lookup_id,
            secret_hash=_hash(pepper, text),
            last_four=str(text)[-4:],
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        )
        known = [ApiScope(scope) for scope in key.scopes]
        record(Action.APIKEY_CREATE, by=by, target_id=key.id, scopes=known)
    return key, str(text)


def _refuse_more(parent: ApiKey, scopes: Sequence[str], expires_at: datetime | None) -> None:
    if missing := sorted(set(scopes) - set(parent.scopes)):
        raise Forbidden(f"This key lacks the scope {missing[0]} itself.", field="scopes")
    if parent.expires_at and (expires_at is None or expires_at > parent.expires_at):
        raise Forbidden("A key can't outlive the key that makes it.", field="expires_at")


def revoke_api_key(*, key: ApiKey, by: Actor) -> None:
    """Acts at once: each request reads the row."""
    with tenant_scope(key.tenant_id):
        ApiKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=timezone.now())
        record(Action.APIKEY_REVOKE, by=by, target_id=key.id)


def find_api_key(lookup_id: str) -> ApiKey:
    try:
        return ApiKey.objects.get(lookup_id=lookup_id)
    except ApiKey.DoesNotExist:
        raise NotFound(f"No API key has the lookup id {lookup_id}.") from None


def authenticate_key(text: str) -> ApiKey | None:
    """The live key with this text; None for a wrong, expired or revoked one.

    One indexed lookup, one HMAC; once an hour also the write of the last use.
    """
    parts = parse_key_text(text)
    if parts is None:
        return None
    key = next(iter(_key_by_lookup(lookup_id=parts.lookup_id)), None)
    expected = key.secret_hash if key else b"\0" * 32
    is_right = hmac.compare_digest(bytes(expected), _hash(read_instance_secret(PEPPER), parts))
    now = timezone.now()
    if key is None or not is_right or key.revoked_at or (key.expires_at and key.expires_at <= now):
        return None
    _touch(key, now)
    return key


def _touch(key: ApiKey, now: datetime) -> None:
    if key.last_used_at is None or now - key.last_used_at >= LAST_USE_STEP:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_STEP)
        ApiKey.objects.filter(stale, id=key.id).update(last_used_at=now)


def _hash(pepper: Key, text: KeyText) -> bytes:
    return pepper.digest(b"api-key", text.lookup_id.encode(), text.secret.encode())
