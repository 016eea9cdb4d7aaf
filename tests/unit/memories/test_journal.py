"""The journal's file: what is in it, that it holds nothing readable, and what a crash leaves."""

import stat

import pytest

from apps.common.errors import Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.journal import Erased, make_digests
from apps.memories.domain.journal_file import copy_journal, read_journal
from apps.memories.filters import parse_filters
from apps.memories.models import JournalLine, Message
from tests.support.jobs import accept, extractor, infer
from tests.support.kernel import SYSTEM, add


@pytest.fixture(autouse=True)
def file(settings, tmp_path):
    settings.ERASURE_JOURNAL = tmp_path / "journal" / "erasures.jsonl"
    return settings.ERASURE_JOURNAL


def digests(tenant, kind, *ids):
    with tenant_scope(tenant.id):
        return set(make_digests(kind, ids))


def test_deletes_reach_the_file_once(tenant, file):
    first, second = add(tenant, "Ada drinks tea", "Ada sleeps")
    delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)
    assert not file.exists()

    assert (copy_journal(), copy_journal()) == (1, 0)
    delete_memory(tenant_id=tenant.id, memory_id=second, by=SYSTEM)
    assert copy_journal() == 1

    assert read_journal() == digests(tenant, Erased.MEMORY, first, second)
    assert len(file.read_bytes().splitlines()) == 2
    assert JournalLine.objects.count() == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(first) not in file.read_text()
    assert str(tenant.id) not in file.read_text()


def test_messages_and_cancelled_jobs_are_in_it(tenant, settings):
    with extractor(settings):
        infer(tenant, "I drink tea.")
        waiting = accept(tenant, "I swim.")
    with tenant_scope(tenant.id):
        [message] = Message.objects.exclude(job=waiting).values_list("id", flat=True)
    delete_memories(tenant_id=tenant.id, filters=parse_filters({"user_id": "ada"}), by=SYSTEM)

    copy_journal()

    found = read_journal()
    assert digests(tenant, Erased.JOB, waiting) < found
    assert digests(tenant, Erased.MESSAGE, message) < found
    assert len(found) == 3


def test_line_that_a_crash_cut_off_is_passed_over_and_written_again(tenant, file):
    [first, second] = add(tenant, "Ada drinks tea", "Ada sleeps")
    delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)
    copy_journal()
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 2])
    delete_memory(tenant_id=tenant.id, memory_id=second, by=SYSTEM)

    copy_journal()

    assert read_journal() == digests(tenant, Erased.MEMORY, first, second)


@pytest.mark.parametrize("content", [b"[]\n", b"{}\n", b"no journal\n", b'{"digests": ["x"]}\n'])
def test_what_is_no_journal_is_refused(file, content):
    file.parent.mkdir()
    file.write_bytes(content)

    with pytest.raises(Invalid):
        read_journal()


def test_no_journal_is_not_an_empty_one(file):
    with pytest.raises(Invalid, match="can't be read"):
        read_journal()
    file.parent.mkdir()
    file.touch()
    assert read_journal() == set()
