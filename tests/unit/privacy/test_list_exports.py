"""Exports of lists: what they hold, that they can be taken up again, and what ends them."""

import io
import json
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from time_machine import travel

from apps.audit.models import AuditEvent
from apps.common.errors import Conflict, Invalid, NotFound
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.flags import set_flag
from apps.memories.enums import EntityFlag
from apps.memories.models import Memory
from apps.memories.queries.entities import find_entities
from apps.memories.queries.memories import read_memories
from apps.privacy.domain import erasure, list_exports
from apps.privacy.domain.list_exports import (
    check_list_exports,
    choose_list,
    open_list_export,
    remove_list_export,
    run_list_export,
    start_list_export,
)
from apps.privacy.domain.purging import Choice, choose_memories, run_purge, start_purge
from apps.privacy.domain.retention import run_retention
from apps.privacy.domain.values import Correction
from apps.privacy.domain.work import sweep_requests
from apps.privacy.models import ListExport, PrivacyDue
from tests.support.kernel import SYSTEM, add
from tests.unit.privacy.subjects import KEY, OPERATOR, SECOND, ask
from tests.unit.privacy.subjects import run as run_request


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.EXPORTS_DIR = tmp_path / "exports"
    monkeypatch.setattr(list_exports, "CHUNK", 2)
    return settings.EXPORTS_DIR


def choose(tenant, by=OPERATOR, **filters):
    with tenant_scope(tenant.id):
        return choose_list(Memory.objects.filter(**filters), by=by)


def start(tenant):
    ids = {"tenant_id": tenant.id, "export_id": choose(tenant).id}
    start_list_export(**ids, by=OPERATOR)
    return ids


def export(tenant):
    ids = start(tenant)
    assert not run_list_export(**ids, by=SYSTEM)
    return ids


def download(ids):
    file, size = open_list_export(**ids, by=OPERATOR)
    raw = io.BufferedReader(file).read()
    assert len(raw) == size
    return json.loads(raw)


def texts(document):
    return [memory["text"] for memory in document["memories"]]


def files(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


def flag(tenant, name, which):
    with tenant_scope(tenant.id):
        [entity] = find_entities([("user", name)]).values()
        set_flag(entity_id=entity.id, flag=which, by=SYSTEM)


def test_document_is_what_is_stored(tenant, folder, django_capture_on_commit_callbacks):
    day = date(2027, 1, 31)
    add(tenant, "Ada drinks zqtea", metadata={"cup": ["blue", 1]}, user="ada", agent="bot")
    add(tenant, ("Bob", "Bob swims"), user="bob", run="r1", expires_on=day, is_immutable=True)
    [third] = add(tenant, "The bot is kind", agent="bot")

    with django_capture_on_commit_callbacks(execute=True):
        ids = export(tenant)

    assert files(folder) == ["memories.json.sealed"]
    [path] = Path(folder).rglob("*.sealed")
    assert b"zqtea" not in path.read_bytes()
    document = download(ids)
    assert (document["tenant"], document["count"]) == (tenant.name, 3)
    with tenant_scope(tenant.id):
        rows = read_memories([UUID(row["id"]) for row in document["memories"]])
    stored = {
        str(row.id): {
            "text": row.text,
            "metadata": row.metadata,
            "speaker": row.speaker,
            "is_immutable": row.is_immutable,
            "created_at": row.created_at.isoformat(),
            "expires_on": row.expires_on and row.expires_on.isoformat(),
        }
        | {kind: row.entity_names.get(kind) for kind in ("user", "agent", "app", "run")}
        for row in rows
    }
    assert document["memories"][0]["id"] == str(third)
    assert {
        one["id"]: {name: one[name] for name in stored[one["id"]]} for one in document["memories"]
    } == stored
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action__startswith="list-export.").order_by("id")
        assert [(one.action, one.actor_id, one.facts.get("count")) for one in events] == [
            ("list-export.start", OPERATOR.id, 3),
            ("list-export.write", None, 3),
            ("list-export.download", OPERATOR.id, 3),
        ]


def test_next_worker_goes_on_where_one_was_killed(tenant, folder, sent, monkeypatch):
    add(tenant, *(f"Number {number}" for number in range(5)))
    ids = start(tenant)
    assert run_list_export(**ids, goes_on=lambda: False, by=SYSTEM)

    with monkeypatch.context() as patch:
        patch.setattr(list_exports, "postpone", kill)
        with pytest.raises(KeyboardInterrupt):
            run_list_export(**ids, by=SYSTEM)
    assert files(folder) == ["000000000.part", "000000002.part"]
    with pytest.raises(NotFound):
        download(ids)

    sent.clear()
    assert sweep_requests() == 0  # somebody may be at it
    with travel(timezone.now() + timedelta(seconds=61)):
        assert sweep_requests() == 1
    [(name, given)] = sent
    assert name == "privacy.run_list_export"
    assert {key: str(value) for key, value in ids.items()} == given
    assert not run_list_export(**ids, by=SYSTEM)
    assert sorted(texts(download(ids))) == [f"Number {number}" for number in range(5)]


def kill(*_, **__):
    raise KeyboardInterrupt


def test_failure_is_said_and_tried_again(tenant, monkeypatch):
    add(tenant, "Kept")
    ids = start(tenant)
    with monkeypatch.context() as patch:
        patch.setattr(list_exports, "write_list", fail)
        assert not run_list_export(**ids, by=SYSTEM)
    with tenant_scope(tenant.id):
        assert ListExport.objects.get().failure == "OSError"

    assert not run_list_export(**ids, by=SYSTEM)

    with tenant_scope(tenant.id):
        assert ListExport.objects.get().failure == ""
    assert texts(download(ids)) == ["Kept"]


def fail(*_):
    raise OSError


def test_hidden_people_are_left_out_and_what_goes_meanwhile_too(tenant):
    gone, *_ = add(tenant, "Goes", "Stays", "Stays too", "Stays as well")
    add(tenant, "Restricted", user="rita")
    add(tenant, "Objected", user="otto")
    flag(tenant, "rita", EntityFlag.RESTRICTED)
    flag(tenant, "otto", EntityFlag.OBJECTED)

    ids = start(tenant)
    with tenant_scope(tenant.id):
        chosen = ListExport.objects.get()
        assert (chosen.total, chosen.left_out) == (4, 2)
    delete_memory(tenant_id=tenant.id, memory_id=gone, by=SYSTEM)
    run_list_export(**ids, by=SYSTEM)

    document = download(ids)
    assert sorted(texts(document)) == ["Stays", "Stays as well", "Stays too"]
    assert document["count"] == 3


def test_choice_has_a_limit_and_one_of_an_operator_is_kept(tenant, other_tenant, settings):
    with pytest.raises(Invalid, match="Nothing in this list"):
        choose(tenant)
    add(tenant, "One", "Two", "Three")
    settings.LIST_EXPORT_LIMIT = 2
    with pytest.raises(Invalid, match="more than 2 memories"):
        choose(tenant)
    settings.LIST_EXPORT_LIMIT = 3

    for by in (OPERATOR, SECOND, OPERATOR):
        last = choose(tenant, by=by)

    with tenant_scope(tenant.id):
        assert {one.operator_id for one in ListExport.objects.all()} == {OPERATOR.id, SECOND.id}
        assert ListExport.objects.count() == 2
    with pytest.raises(NotFound):
        start_list_export(tenant_id=other_tenant.id, export_id=last.id, by=OPERATOR)
    ids = {"tenant_id": tenant.id, "export_id": last.id}
    start_list_export(**ids, by=OPERATOR)
    with pytest.raises(Conflict):
        start_list_export(**ids, by=OPERATOR)


def test_whatever_erases_ends_all_exports_at_once(tenant, folder, monkeypatch):
    """Also those that hold none of it: nobody has to know which."""
    monkeypatch.setattr(erasure, "vacuum_table", lambda *_, **__: None)
    [kept] = add(tenant, "Kept", user="eve")
    for act in (remove, purge, retain, correct, erase):
        [mine] = add(tenant, f"Of {act.__name__}", user="ada", expires_on=date(2020, 1, 1))
        ids = export(tenant)
        assert len(texts(download(ids))) > 1

        act(tenant, mine, ids)

        assert files(folder) == [], act
        with pytest.raises(NotFound):
            download(ids)
        with tenant_scope(tenant.id):
            assert ListExport.objects.count() == 0, act
    assert PrivacyDue.objects.filter(work__in=["export", "check"]).count() == 0
    assert kept


def remove(tenant, memory_id, ids):
    remove_list_export(**ids, by=OPERATOR)


def purge(tenant, memory_id, ids):
    with tenant_scope(tenant.id):
        [ada] = find_entities([("user", "ada")]).values()
    choice = Choice(memory_ids=[memory_id])
    found = choose_memories(tenant_id=tenant.id, entity_id=ada.id, choice=choice, by=OPERATOR)
    start_purge(tenant_id=tenant.id, purge_id=found.id, by=OPERATOR)
    run_purge(tenant_id=tenant.id, purge_id=found.id, by=SYSTEM)


def retain(tenant, memory_id, ids):
    assert run_retention(tenant_id=tenant.id, by=SYSTEM)[0] > 0


def correct(tenant, memory_id, ids):
    corrections = [Correction(memory_id, "It was coffee")]
    done = ask(tenant, "rectification", via="api", by=KEY, corrections=corrections)
    assert run_request(tenant, done).state == "done"


def erase(tenant, memory_id, ids):
    assert run_request(tenant, ask(tenant, via="api", by=KEY)).state == "done"


def test_what_was_deleted_or_hidden_is_not_handed_out(tenant, folder):
    """By whichever way: it is seen at the download, and by the hour."""
    for act in (delete, restrict):
        for look in (be_refused, check):
            [mine] = add(tenant, f"{act.__name__} {look.__name__}", user=f"of {look.__name__}")
            ids = export(tenant)
            act(tenant, mine, f"of {look.__name__}")

            look(ids)

            assert files(folder) == [], (act, look)
            with tenant_scope(tenant.id):
                assert ListExport.objects.count() == 0


def delete(tenant, memory_id, name):
    delete_memory(tenant_id=tenant.id, memory_id=memory_id, by=SYSTEM)


def restrict(tenant, memory_id, name):
    flag(tenant, name, EntityFlag.RESTRICTED)


def be_refused(ids):
    with pytest.raises(Conflict, match="deleted or restricted since"):
        download(ids)


def check(ids):
    assert check_list_exports(by=SYSTEM) == 0
    with travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert check_list_exports(by=SYSTEM) == 1


def test_time_ends_it(tenant, folder, settings):
    add(tenant, "Kept")
    ids = export(tenant)
    with travel(timezone.now() + timedelta(days=settings.EXPORT_DAYS, hours=-2)):
        assert check_list_exports(by=SYSTEM) == 0
        assert texts(download(ids)) == ["Kept"]

    with travel(timezone.now() + timedelta(days=settings.EXPORT_DAYS, minutes=1)):
        with pytest.raises(NotFound):
            download(ids)
        assert check_list_exports(by=SYSTEM) == 1

    assert files(folder) == []
    assert PrivacyDue.objects.filter(work="check").count() == 0
