"""Checks what MemoryHub signs, without MemoryHub: `verify.py audit FILE --public-key KEYS.pem`.

`verify.py certificate FILE --public-key KEYS.pem` checks a certificate of erasure.

Needs Python 3.11 and the package `cryptography`, nothing else. Prints OK, or the first item that is
not as it was sealed. Exit code 0 is good, 1 a finding, 2 wrong usage or a file that can't be read.
The public key must have come to you on another way than the export.
"""  # noqa: INP001 - a script, not a package

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

EVENT = b"memoryhub.audit.event.v1\n"
CHECKPOINT = b"memoryhub.audit.checkpoint.v1\n"
RETIREMENT = b"memoryhub.audit.retirement.v1\n"
EXPORT = b"memoryhub.audit.export.v1\n"
CERTIFICATE = b"memoryhub.certificate.v1\n"
BEGIN, END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
START = "00" * 32  # stands for the checkpoint before the first

Document = dict[str, Any]
Keys = dict[str, Ed25519PublicKey]


class Bad(Exception):
    """The first item that is not as it was sealed."""


class Unusable(Exception):
    """A file that is not there, or not what it should be."""


def main() -> int:
    arguments = parse_arguments()
    try:
        keys = read_keys(arguments.public_key)
        with arguments.file.open("rb") as file:
            lines = arguments.check(file, keys, arguments)
    except (OSError, Unusable) as error:
        sys.stderr.write(f"verify: {error}\n")
        return 2
    except Bad as bad:
        sys.stdout.write(f"BAD {bad}\n")
        return 1
    sys.stdout.writelines(lines)
    return 0


def check_audit(file: BinaryIO, keys: Keys, arguments: argparse.Namespace) -> list[str]:
    trail = verify_lines(file, keys, arguments.event)
    events = trail.sequence - trail.retired
    said = f"OK {events} events, {trail.number} checkpoints, tenant {trail.tenant}\n"
    return [said, *trail.proof]


def check_certificate(file: BinaryIO, keys: Keys, _: argparse.Namespace) -> list[str]:
    """White space and the order of keys do not matter; every value does."""
    try:
        document = json.loads(file.read(), object_pairs_hook=refuse_twice)
        signature = document.pop("signature")
        message = CERTIFICATE + write(document)
        is_good = is_signed(Trail(keys), document["key_id"], signature, message)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Bad("it is no certificate") from None
    if not is_good:
        raise Bad("it is not as it was signed, or not signed by a key that you gave")
    counts = document["tables"]
    rows = sum(table["shredded"] + table["deleted_only"] for table in counts)
    left = sum(query["left"] for query in document["queries"])
    subject = document["subject"]
    said = f"OK {document['kind']} of {subject['kind']} {subject['id']}"
    return [f"{said}, {rows} rows destroyed, {left} left, tenant {document['tenant_id']}\n"]


def refuse_twice(pairs: list[tuple[str, Any]]) -> Document:
    """A name that stands twice would be read by one program so, by another otherwise."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise Bad("a name stands in it twice")
    return dict(pairs)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    audit = kinds.add_parser("audit", help="an export of an audit trail, by audit_export")
    audit.add_argument("file", type=Path, metavar="FILE")
    audit.add_argument("--public-key", type=Path, required=True, metavar="FILE", help="PEM")
    audit.add_argument("--event", default="", metavar="ID", help="prove one, by id or sequence")
    audit.set_defaults(check=check_audit)
    certificate = kinds.add_parser("certificate", help="a certificate of erasure, as JSON")
    certificate.add_argument("file", type=Path, metavar="FILE")
    certificate.add_argument("--public-key", type=Path, required=True, metavar="FILE", help="PEM")
    certificate.set_defaults(check=check_certificate)
    return parser.parse_args()


def read_keys(path: Path) -> Keys:
    """By key id: the beginning of the SHA-256 of the raw key. Text between the keys is left out."""
    text, keys = path.read_text(encoding="ascii", errors="replace"), {}
    for part in text.split(BEGIN)[1:]:
        body, end, _ = part.partition(END)
        try:
            key = load_pem_public_key(f"{BEGIN}{body}{end}\n".encode())
        except ValueError:
            raise Unusable(f"{path} holds a key that can't be read") from None
        if not isinstance(key, Ed25519PublicKey):
            raise Unusable(f"{path} holds a key that is not Ed25519")
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        keys[hashlib.sha256(raw).hexdigest()[:16]] = key
    if not keys:
        raise Unusable(f"{path} holds no public key")
    return keys


@dataclass
class Trail:
    """How far the file was read."""

    keys: Keys
    wanted: str = ""  # id or sequence of the event to prove
    tenant: str = ""
    number: int = 0  # of the last checkpoint
    last: str = START  # its hash
    sequence: int = 0  # of the last event
    retired: int = 0  # events whose term had passed
    is_ended: bool = False
    leaves: list[bytes] = field(default_factory=list)  # of the segment at hand
    place: int | None = None  # of the wanted event among them
    proof: list[str] = field(default_factory=list)


def verify_lines(lines: Iterable[bytes], keys: Keys, wanted: str) -> Trail:
    trail = Trail(keys, wanted)
    for number, line in enumerate(lines, start=1):
        try:
            verify_line(trail, read_line(line))
        except Bad as bad:
            raise Bad(f"line {number}: {bad}") from None
        except (KeyError, TypeError, ValueError):
            raise Bad(f"line {number}: it is not a line of an export") from None
    if not trail.is_ended:
        raise Bad("end of file: lines are missing, the last one among them")
    if wanted and not trail.proof:
        raise Bad(f"event {wanted}: it is not in this file")
    return trail


def read_line(line: bytes) -> Document:
    document = json.loads(line)
    if write(document) + b"\n" != line:
        raise Bad("it was written differently")
    return document


def write(document: Document) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def verify_line(trail: Trail, line: Document) -> None:
    if trail.is_ended:
        raise Bad("it stands behind the end")
    known = {"event": verify_event, "checkpoint": verify_checkpoint, "export": verify_end}
    [kind] = known.keys() & line.keys()
    body = line[kind]
    trail.tenant = trail.tenant or body["tenant_id"]
    if body["tenant_id"] != trail.tenant:
        raise Bad(f"it belongs to another tenant, {body['tenant_id']}")
    known[kind](trail, line)


def verify_event(trail: Trail, line: Document) -> None:
    event, expected = line["event"], trail.sequence + 1
    if event["sequence"] != expected:
        raise Bad(f"event {expected} is missing here, or event {event['sequence']} was moved here")
    leaf = hashlib.sha256(b"\x00" + EVENT + write(event)).digest()
    if leaf.hex() != line["leaf"] or line.keys() != {"event", "leaf"}:
        raise Bad(f"event {expected} ({event['id']}) was edited")
    if trail.wanted in {event["id"], str(expected)}:
        trail.place = len(trail.leaves)
    trail.leaves.append(leaf)
    trail.sequence = expected


def verify_checkpoint(trail: Trail, line: Document) -> None:
    checkpoint, number = line["checkpoint"], trail.number + 1
    if checkpoint["number"] != number:
        raise Bad(f"checkpoint {number} is missing here")
    signed = CHECKPOINT + write(checkpoint)
    if not is_signed(trail, checkpoint["key_id"], line["signature"], signed):
        raise Bad(f"checkpoint {number} is not signed by a key that you gave")
    if checkpoint["previous"] != trail.last:
        raise Bad(f"checkpoint {number} does not follow the one before it")
    trail.number, trail.last = number, hashlib.sha256(signed).hexdigest()
    if line["hash"] != trail.last:
        raise Bad(f"checkpoint {number} was edited")
    if "retirement" in line:
        verify_retirement(trail, line)
    else:
        verify_segment(trail, line)
    trail.leaves, trail.place = [], None


def verify_retirement(trail: Trail, line: Document) -> None:
    """The segment's events went when their term had passed; that is signed as well."""
    checkpoint = line["checkpoint"]
    said = RETIREMENT + write({"checkpoint": trail.last, "retired_at": line["retired_at"]})
    expected = {"checkpoint", "hash", "retired_at", "retirement", "signature"}
    if line.keys() != expected or not any(
        is_signed(trail, key_id, line["retirement"], said) for key_id in trail.keys
    ):
        raise Bad(f"the removal of segment {trail.number} is not signed")
    if trail.leaves or checkpoint["first"] != trail.sequence + 1:
        raise Bad(f"segment {trail.number} is not where it belongs")
    trail.retired += checkpoint["last"] - trail.sequence
    trail.sequence = checkpoint["last"]


def verify_segment(trail: Trail, line: Document) -> None:
    checkpoint, first = line["checkpoint"], trail.sequence - len(trail.leaves) + 1
    if (checkpoint["first"], checkpoint["last"]) != (first, trail.sequence) or not trail.leaves:
        raise Bad(f"events {checkpoint['first']} to {checkpoint['last']} are not all here")
    if line.keys() != {"checkpoint", "hash", "signature"}:
        raise Bad(f"checkpoint {trail.number} was edited")
    root = compute_root(trail.leaves) if trail.place is None else prove(trail, checkpoint)
    if root.hex() != checkpoint["root"]:
        raise Bad(f"events {first} to {trail.sequence}: they are not those that were signed")


def verify_end(trail: Trail, line: Document) -> None:
    export = line["export"]
    signed = EXPORT + write(export)
    if not is_signed(trail, export["key_id"], line["signature"], signed):
        raise Bad("the end is not signed by a key that you gave")
    found = (trail.number, trail.sequence - trail.retired, trail.last)
    if found != (export["checkpoints"], export["events"], export["last"]) or trail.leaves:
        raise Bad(f"there were {export['events']} events in {export['checkpoints']} segments")
    if line.keys() != {"export", "signature"}:
        raise Bad("the end was edited")
    trail.is_ended = True


def is_signed(trail: Trail, key_id: str, signature: str, message: bytes) -> bool:
    if key_id not in trail.keys:
        return False
    try:
        trail.keys[key_id].verify(bytes.fromhex(signature), message)
    except InvalidSignature:
        return False
    return True


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def next_level(level: list[bytes]) -> list[bytes]:
    """Neighbours hashed; an odd last one goes up unchanged: the tree of RFC 9162."""
    pairs = [hash_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
    return pairs + level[-1:] if len(level) % 2 else pairs


def compute_root(leaves: list[bytes]) -> bytes:
    level = leaves
    while len(level) > 1:
        level = next_level(level)
    return level[0]


def prove(trail: Trail, checkpoint: Document) -> bytes:
    """Climb from the wanted event to the root, and write down each step."""
    level, place = trail.leaves, trail.place or 0
    climbed = level[place]
    sequence = trail.sequence - len(level) + 1 + place
    trail.proof = [f"event      {sequence}\nleaf       {climbed.hex()}\n"]
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            is_left, hash_ = beside < place, level[beside]
            climbed = hash_node(hash_, climbed) if is_left else hash_node(climbed, hash_)
            trail.proof.append(f"{'left' if is_left else 'right':10} {hash_.hex()}\n")
        level, place = next_level(level), place // 2
    trail.proof.append(f"root       {climbed.hex()}\n")
    trail.proof.append(
        f"checkpoint {checkpoint['number']}, signed {checkpoint['sealed_at']}"
        f" by {checkpoint['key_id']}\n"
    )
    return climbed


if __name__ == "__main__":
    sys.exit(main())
