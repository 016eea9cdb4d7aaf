"""The instance's signing keys (Ed25519). Call everything here outside of any scope.

Each is a secret of the tenant `instance`, so it can't be had without the master key. What verifies
is derived from these secrets and not read from a table that somebody could have written to.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

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
    key_id: str
    private_key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.private_key.sign(message)


def read_signer(*, by: Actor) -> Signer:
    """The newest key; the first is made when it is first needed. Two statements."""
    with tenant_scope(INSTANCE_TENANT_ID):
        newest = SigningKey.objects.order_by("-number").first()
        return _read(newest.number) if newest else _create(1, by=by)


def rotate_signing_key(*, by: Actor) -> Signer:
    """Make the key that signs from now on. The ones before stay, for what they signed."""
    number = list_signing_keys()[-1].number + 1
    with tenant_scope(INSTANCE_TENANT_ID):
        return _create(number, by=by)


def list_signing_keys() -> list[SigningKey]:
    """Oldest first; there is at least one."""
    read_signer(by=SYSTEM)
    with tenant_scope(INSTANCE_TENANT_ID):
        return list(SigningKey.objects.order_by("number"))


def read_public_keys() -> PublicKeys:
    """All that ever signed, by key id."""
    numbers = [key.number for key in list_signing_keys()]
    with tenant_scope(INSTANCE_TENANT_ID):
        signers = [_read(number) for number in numbers]
    return {signer.key_id: signer.private_key.public_key() for signer in signers}


def is_signed(message: bytes, signature: bytes, *, key: Ed25519PublicKey | None) -> bool:
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def make_key_id(public_key: bytes) -> str:
    return hashlib.sha256(public_key).hexdigest()[:KEY_ID_LENGTH]


def _create(number: int, *, by: Actor) -> Signer:
    create_secret(_name(number))
    signer = _read(number)
    key = SigningKey.objects.create(
        number=number,
        key_id=signer.key_id,
        public_key=_raw(signer.private_key),
        created_at=timezone.now(),
    )
    record(Action.AUDIT_KEY_CREATE, by=by, target_id=key.id)
    return signer


def _read(number: int) -> Signer:
    private_key = Ed25519PrivateKey.from_private_bytes(read_secret(_name(number)).raw)
    return Signer(make_key_id(_raw(private_key)), private_key)


def _raw(private_key: Ed25519PrivateKey) -> bytes:
    return private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _name(number: int) -> str:
    return f"audit-signing-{number}"
