"""Second factors: their secrets are sealed under the instance's key, their changes are events."""

from base64 import b64decode, b64encode
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.html import format_html

from apps.accounts.enums import Factor
from apps.accounts.models import Operator
from apps.accounts.sign_ins import record_failure
from apps.audit.actions import Action, Refusal
from apps.audit.domain import record
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.ring import current_ring

SEALED = b"operator-factor"
ISSUER = "MemoryHub"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        with tenant_scope(INSTANCE_TENANT_ID):
            sealed = current_ring().tenant.sealing.seal(text.encode(), SEALED)
        return b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        with tenant_scope(INSTANCE_TENANT_ID):
            return current_ring().tenant.sealing.open(b64decode(encrypted_text), SEALED).decode()

    def get_totp_issuer(self) -> str:
        return ISSUER

    def _get_site_name(self) -> str:
        return ISSUER

    def generate_authenticator_name(self, user: Operator, type: str) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"

    def build_totp_svg(self, url: str) -> str:
        """Dark on light in either theme, since that is what cameras read."""
        from qrcode.main import QRCode

        code = QRCode(border=2)
        code.add_data(url)
        rows = code.get_matrix()
        dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on)
        return format_html(
            '<svg class="code" viewBox="0 0 {0} {0}" role="img" aria-label="Code to scan">'
            '<path d="{1}"/></svg>',
            len(rows),
            "".join(dots),
        )


# The views that make or remove one run in a transaction (urls.py), so an event shares it.
@receiver(post_save, sender=Authenticator)
def record_added(instance: Authenticator, *, created: bool, **_: Any) -> None:
    if created:
        record_factor(Action.FACTOR_ADD, instance.user_id, Factor(instance.type))


@receiver(post_delete, sender=Authenticator)
def record_removed(instance: Authenticator, **_: Any) -> None:
    record_factor(Action.FACTOR_REMOVE, instance.user_id, Factor(instance.type))


@receiver(authentication_failed)
def record_wrong_code(request: HttpRequest, user: Operator, **_: Any) -> None:
    record_failure(request, target_id=user.id, email=user.email, reason=Refusal.WRONG_CODE)


def record_factor(action: Action, operator_id: Any, kind: Factor) -> None:
    operator = getattr(context.request, "user", None)
    is_known = operator is not None and operator.is_authenticated
    by = Actor(ActorKind.OPERATOR, operator.pk) if operator and is_known else SYSTEM
    with tenant_scope(INSTANCE_TENANT_ID):
        record(action, by=by, target_id=operator_id, kind=kind)
