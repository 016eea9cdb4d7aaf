import hashlib
import json

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from apps.audit.domain.signing import list_signers, read_public_keys
from tests.integration.commands.run import run


def list_keys():
    return json.loads(run("public_key", "--json").out)["keys"]


def test_it_prints_the_key_that_signs(db):
    code, out, _ = run("public_key")

    [signer] = list_signers()
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith(f"# {signer.key_id} signs since 20")
    key = load_pem_public_key("\n".join(lines[1:]).encode())
    assert key == read_public_keys()[signer.key_id]
    assert hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16] == signer.key_id


def test_rotation_keeps_the_old_key_listed(db):
    [first] = list_keys()

    code, out, err = run("public_key", "--rotate")

    old, new = list_keys()
    assert (code, old) == (0, first)
    assert old["since"] < new["since"]
    assert err == f"Checkpoints are signed with the key {new['id']} from now on.\n"
    assert out.count("BEGIN PUBLIC KEY") == 2
