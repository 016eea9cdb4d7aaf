"""Prints the public keys of the audit trail, oldest first, for `tools/verify.py --public-key`.

With --rotate it makes a new signing key first; checkpoints from then on bear the new key's id.
"""

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import CommandParser

from apps.audit.canonical import write_time
from apps.audit.domain.signing import Signer, list_signers, rotate_signing_key
from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--rotate", action="store_true", help="make a new signing key first")

    def answer(self, options: dict[str, Any]) -> Result:
        if options["rotate"]:
            signer = rotate_signing_key(by=SYSTEM)
            self.tell(f"Checkpoints are signed with the key {signer.key_id} from now on.")
        keys = [describe(signer) for signer in list_signers()]
        text = "".join(f"# {key['id']} signs since {key['since']}\n{key['pem']}" for key in keys)
        return Result(text.rstrip("\n"), {"keys": keys})


def describe(signer: Signer) -> dict[str, str]:
    pem = signer.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "id": signer.key_id,
        "since": write_time(signer.created_at),
        "pem": pem.decode("ascii"),
    }
