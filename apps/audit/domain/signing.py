"""The instance's signing keys (Ed25519). Call everything here outside of any scope.

Each is a secret of the tenant `instance`, so it can't be had without the master key. The public
halves are derived from these secrets, not read from a table that somebody could have written to.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain.events import record
from apps.audit.models import SigningKey
from apps.common.actor import SYSTEM, Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.ring import create_secret, read_secret

KEY_ID_LENGTH = 16

PublicKeys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, slots=True)
class Signer:
    number: int
    created_at: datetime
    private_key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.private_key.sign(message)

    @property
    def public_key(self) -> Ed25519PublicKey:
        return self.private_key.public_key()

    @property
    def key_id(self) -> str:
        """The beginning of the hash of the public key: names it, and anybody can check it."""
        raw = self.public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return hashlib.sha256(raw).hexdigest()[:KEY_ID_LENGTH]


def read_signer(*, by: Actor) -> Signer:
    """The newest key; the first is made when it is first needed. Two statements."""
    with tenant_scope(INSTANCE_TENANT_ID):
        newest = SigningKey.objects.order_by("-number").first()
        return _read(newest) if newest else _create(1, by=by)


def rotate_signing_key(*, by: Actor) -> Signer:
    """Make the key that signs from now on. The ones before stay, for what they signed."""
    newest = read_signer(by=by)
    with tenant_scope(INSTANCE_TENANT_ID):
        return _create(newest.number + 1, by=by)


def list_signers() -> list[Signer]:
    """Oldest first; there is at least one. One statement and one for each."""
    read_signer(by=SYSTEM)
    with tenant_scope(INSTANCE_TENANT_ID):
        return [_read(key) for key in SigningKey.objects.order_by("number")]


def read_public_keys() -> PublicKeys:
    """All that ever signed, by key id."""
    return {signer.key_id: signer.public_key for signer in list_signers()}


def is_signed(message: bytes, signature: bytes, *, key: Ed25519PublicKey | None) -> bool:
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _create(number: int, *, by: Actor) -> Signer:
    create_secret(_name(number))
    key = SigningKey.objects.create(number=number, created_at=timezone.now())
    record(Action.AUDIT_KEY_CREATE, by=by, target_id=key.id)
    return _read(key)


def _read(key: SigningKey) -> Signer:
    raw = read_secret(_name(key.number)).raw
    return Signer(key.number, key.created_at, Ed25519PrivateKey.from_private_bytes(raw))


def _name(number: int) -> str:
    return f"audit-signing-{number}"
