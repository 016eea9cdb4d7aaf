"""What a proof of erasure says of what it saw, and of what it could not see."""

from base64 import b64encode
from uuid import uuid4

import pytest

from apps.common.actor import SYSTEM
from apps.operations.domain.erasure_proof import Proof, _add
from apps.operations.proof.forms import holds, list_forms
from apps.operations.proof.places import NOT_CHECKED, search_files
from apps.operations.proof.sentinels import Planted, make_word

WORD, CONTROL = make_word(), make_word()
PLANTED = Planted(uuid4(), WORD, CONTROL, uuid4(), b"vector bytes", "[0.1", "user", (), SYSTEM)


@pytest.mark.parametrize(
    ("before", "after", "is_seen", "state"),
    [
        (["a"], [], True, "ok"),
        (["a"], ["a"], True, "found"),
        (["a"], [], False, "unseen"),
        ([], ["a"], False, "found"),
        (NOT_CHECKED, NOT_CHECKED, False, NOT_CHECKED),
        (["a"], NOT_CHECKED, True, NOT_CHECKED),
    ],
)
def test_states(before, after, is_seen, state):
    proof = Proof()

    _add(proof, "place", before, after, is_seen=is_seen)

    assert [check.state for check in proof.checks] == [state]
    assert proof.failures == (["place"] if state in {"found", "unseen"} else [])


def test_files_of_outside_servers_are_not_checked_and_ours_are(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.ERASURE_JOURNAL = tmp_path / "journal" / "erasures.jsonl"
    settings.IS_DATABASE_EMBEDDED = settings.IS_BROKER_EMBEDDED = False
    for folder in ("postgres/data/pg_wal", "valkey", "logs"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").write_text(WORD)

    assert search_files(PLANTED, has_control=True) == {
        "database": NOT_CHECKED,
        "log of the database": NOT_CHECKED,
        "broker": NOT_CHECKED,
        "logs": [".proof-of-erasure", "file"],
        "copies": [".proof-of-erasure"],
        "journal": [".proof-of-erasure"],
    }
    assert search_files(PLANTED, has_control=False)["copies"] == []
    assert list((tmp_path / "exports").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        WORD.encode(),
        WORD.encode("utf-16-le"),
        WORD.encode().hex().encode(),
        WORD.encode().hex().upper().encode(),
        *(b64encode(b"x" * lead + WORD.encode() + b"tail") for lead in range(4)),
    ],
    ids=["text", "UTF-16", "hex", "HEX", *(f"base64 after {lead}" for lead in range(4))],
)
def test_every_form_is_found(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(b"before" + content + b"after")

    assert holds(file, list_forms(WORD))
    assert not holds(file, list_forms(CONTROL))
