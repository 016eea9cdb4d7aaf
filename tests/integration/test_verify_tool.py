"""tools/verify.py: an export and a public key, without Django."""

import json
import re
import runpy
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.domain.retention import expire_trail
from apps.audit.domain.signing import rotate_signing_key
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from memoryhub.embedded.layout import PROJECT
from tests.integration.commands.run import run
from tests.support.trails import Trail

TOOL = runpy.run_path(str(PROJECT / "tools" / "verify.py"))


class Exported:
    """An export and its key in files; `verify` runs the tool on it, changed or not."""

    def __init__(self, folder):
        self.file, self.keys = folder / "trail.jsonl", folder / "keys.pem"
        run("audit_export", "--tenant", "harbour", "--out", str(self.file))
        self.keys.write_text(run("public_key").out)
        self.lines = self.file.read_bytes().splitlines(keepends=True)

    def verify(self, lines=None, *arguments):
        self.file.write_bytes(b"".join(self.lines if lines is None else lines))
        return call("audit", self.file, "--public-key", self.keys, *arguments)

    def check(self, lines):
        """The first bad item, without a process of its own; empty where all is well."""
        try:
            TOOL["verify_lines"](lines, TOOL["read_keys"](self.keys), "")
        except TOOL["Bad"] as bad:
            return str(bad)
        return ""


def call(*arguments):
    """Isolated: neither the project nor a site directory of the user is on the path."""
    command = [sys.executable, "-I", PROJECT / "tools" / "verify.py", *arguments]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def exported(tenant, tmp_path):
    """Events 1 to 4, 5 to 8, 9 to 12 and 13, each with its checkpoint, and the end: 18 lines."""
    Trail.of(tenant).fill()
    return Exported(tmp_path)


def test_sound_export(exported, tenant):
    assert exported.check(exported.lines) == ""
    assert exported.verify() == (0, f"OK 13 events, 4 checkpoints, tenant {tenant.id}\n", "")


def change(line, *path, to):
    document = json.loads(line)
    part = document
    for name in path[:-1]:
        part = part[name]
    assert part[path[-1]] != to
    part[path[-1]] = to
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def replaced(lines, place, line):
    return [*lines[:place], line, *lines[place + 1 :]]


def test_any_changed_line_is_found(exported):
    """The last digit of each line, then each field of an event, a checkpoint and the end."""
    for place in range(len(exported.lines)):
        line = bytearray(exported.lines[place])
        digit = max(at for at, letter in enumerate(line) if chr(letter) in "0123456789")
        line[digit] ^= 1
        found = exported.check(replaced(exported.lines, place, bytes(line)))
        assert re.match(r"line (\d+): ", found), (place, found)
        assert int(found.split()[1].rstrip(":")) >= place + 1


@pytest.mark.parametrize(
    ("place", "path", "to", "finding"),
    [
        (1, ("event", "outcome"), "denied", "line 2: event 2"),
        (1, ("event", "facts"), {"count": 1}, "line 2: event 2"),
        (1, ("event", "sequence"), 7, "line 2: event 2 is missing here, or event 7 was moved here"),
        (1, ("event", "tenant_id"), "x", "line 2: it belongs to another tenant, x"),
        (1, ("leaf",), "00" * 32, "line 2: event 2"),
        (4, ("checkpoint", "root"), "00" * 32, "line 5: checkpoint 1 is not signed"),
        (4, ("checkpoint", "key_id"), "0" * 16, "line 5: checkpoint 1 is not signed"),
        (4, ("hash",), "00" * 32, "line 5: checkpoint 1 was edited"),
        (4, ("signature",), "00" * 64, "line 5: checkpoint 1 is not signed"),
        (17, ("export", "events"), 12, "line 18: the end is not signed"),
        (17, ("export", "exported_at"), "2026", "line 18: the end is not signed"),
    ],
)
def test_changed_field_is_named(exported, place, path, to, finding):
    lines = replaced(exported.lines, place, change(exported.lines[place], *path, to=to))

    code, out, err = exported.verify(lines)

    assert (code, err) == (1, "")
    assert out.startswith(f"BAD {finding}"), out


def test_edited_event_with_a_new_leaf_is_found_by_the_root(exported):
    from hashlib import sha256

    document = json.loads(exported.lines[1])
    document["event"]["outcome"] = "denied"
    body = json.dumps(document["event"], sort_keys=True, separators=(",", ":")).encode()
    document["leaf"] = sha256(b"\0memoryhub.audit.event.v1\n" + body).hexdigest()
    line = json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    assert exported.verify(replaced(exported.lines, 1, line))[:2] == (
        1,
        "BAD line 5: events 1 to 4: they are not those that were signed\n",
    )


def test_missing_line_is_found_wherever_it_was(exported):
    for place in range(len(exported.lines)):
        assert exported.check(exported.lines[:place] + exported.lines[place + 1 :]), place


def test_missing_end_is_found(exported):
    """As many whole segments as one likes, but no line that says how many there were."""
    for count in (0, 5, 10, 17):
        assert exported.verify(exported.lines[:count])[:2] == (
            1,
            "BAD end of file: lines are missing, the last one among them\n",
        )


def test_end_of_another_export_does_not_fit(exported, tmp_path):
    end = exported.lines[-1]
    longer = Exported(tmp_path)

    code, out, _ = longer.verify([*longer.lines[:-1], end])

    assert (code, out) == (1, "BAD line 20: there were 13 events in 4 segments\n")


def test_added_line_is_found_wherever_it_is(exported):
    for place in range(len(exported.lines) + 1):
        lines = [*exported.lines[:place], exported.lines[2], *exported.lines[place:]]
        assert exported.check(lines), place


def test_moved_line_is_found_wherever_it_goes(exported):
    for place in range(1, len(exported.lines)):
        lines = list(exported.lines)
        lines.insert(place, lines.pop(place - 1))
        assert exported.check(lines), place


def test_line_that_says_the_same_in_other_words_is_found(exported):
    spaced = exported.lines[1].replace(b'":', b'": ')

    assert exported.verify(replaced(exported.lines, 1, spaced))[:2] == (
        1,
        "BAD line 2: it was written differently\n",
    )


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"{}\n", b'{"event":1}\n', b"\xff\n", b"1\n"])
def test_line_that_is_none_is_found(exported, line):
    assert exported.verify(replaced(exported.lines, 1, line))[0] == 1


def test_proof_of_one_event(exported, tenant):
    event_id = json.loads(exported.lines[6])["event"]["id"]

    code, out, _ = exported.verify(None, "--event", event_id)

    checkpoint = json.loads(exported.lines[9])["checkpoint"]
    leaf = json.loads(exported.lines[6])["leaf"]
    lines = out.splitlines()
    assert code == 0
    assert lines[1:3] == ["event      6", f"leaf       {leaf}"]
    assert [line.split()[0] for line in lines[3:]] == ["left", "right", "root", "checkpoint"]
    assert lines[-2] == f"root       {checkpoint['root']}"
    assert lines[-1] == (
        f"checkpoint 2, signed {checkpoint['sealed_at']} by {checkpoint['key_id']}"
    )
    assert exported.verify(None, "--event", "6")[1] == out


def test_proof_of_an_event_that_is_not_there(exported):
    assert exported.verify(None, "--event", "99")[:2] == (
        1,
        "BAD event 99: it is not in this file\n",
    )


def test_export_over_a_rotation_needs_both_keys(tenant, tmp_path):
    first = Exported(tmp_path)
    rotate_signing_key(by=SYSTEM)
    both = Exported(tmp_path)

    assert both.verify()[0] == 0
    old = first.keys.with_name("old.pem")
    old.write_text(both.keys.read_text().split("# ")[1])
    both.keys = old
    assert both.verify()[1].startswith("BAD line 5: checkpoint 2 is not signed by a key that you")


def test_export_with_a_retired_segment(tenant, tmp_path):
    trail = Trail.of(tenant).fill()
    late = timezone.now() + timedelta(days=1_200)
    expire_trail(tenant_id=tenant.id, now=late, signer=trail.signer, by=SYSTEM)
    exported = Exported(tmp_path)

    code, out, _ = exported.verify()

    assert (code, out) == (0, f"OK 4 events, 4 checkpoints, tenant {tenant.id}\n")
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.count() == 4
    for path in (("retired_at",), ("retirement",)):
        wrong = change(exported.lines[0], *path, to="00")
        assert exported.verify(replaced(exported.lines, 0, wrong))[1] == (
            "BAD line 1: the removal of segment 1 is not signed\n"
        )


def test_key_of_somebody_else(exported, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    exported.keys.write_bytes(
        Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

    assert exported.verify()[1].startswith("BAD line 5: checkpoint 1 is not signed")


@pytest.mark.parametrize(
    "arguments", [[], ["audit"], ["audit", "FILE"], ["audit", "FILE", "--public-key", "/missing"]]
)
def test_wrong_usage_is_2(exported, arguments):
    given = [exported.file if word == "FILE" else word for word in arguments]

    code, out, err = call(*given)

    assert (code, out) == (2, "")
    assert err


def test_key_file_without_a_key_is_2(exported):
    exported.keys.write_text("no key")

    assert exported.verify() == (2, "", f"verify: {exported.keys} holds no public key\n")


def test_it_imports_nothing_but_the_standard_library_and_cryptography():
    import ast

    tree = ast.parse((PROJECT / "tools" / "verify.py").read_text())
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported - sys.stdlib_module_names == {"cryptography"}
