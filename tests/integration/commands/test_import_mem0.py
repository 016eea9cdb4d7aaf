"""import_mem0, from stores that mem0 has written itself, and from a server with its wire."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope
from apps.memories.domain import mem0 as importing
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.flags import block_id, set_flag
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.mem0 import open_source
from apps.memories.models import Entity, Memory
from apps.memories.queries.entities import find_entities
from apps.memories.queries.memories import read_memories
from apps.memories.queries.versions import list_versions
from memoryhub.embedded.layout import PROJECT
from tests.integration.commands.run import run, run_process
from tests.integration.server import environment, make_server
from tests.support.kernel import SYSTEM, add, dump_rows, find, find_plain
from tests.support.mem0_store import in_pgvector, in_qdrant, mem0, vectors

__all__ = ["in_pgvector", "in_qdrant", "mem0", "vectors"]

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
OBJECTED = "Nothing can be written for this entity: the person has objected, or an erasure runs."
ANYBODY = {"OR": [{f"{kind}_id": "*"} for kind in ("user", "agent", "run")]}


@pytest.fixture(params=["in_pgvector", "in_qdrant"])
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(open_source, "BATCH", 3)


@pytest.fixture
def filled(store):
    """Answers the ids by the text that is there now."""
    coffee = store.add("Ada drinks tea", user_id="ada", metadata={"cup": "blue", "n": [1, None]})
    store.mem0.update(coffee, "Ada drinks coffee")
    ids = {
        "Ada drinks coffee": coffee,
        "Nadja likes Oslo": store.add(
            "Nadja likes Oslo",
            name="Nadja",
            user_id="ada",
            run_id="r/1/ø",
            expiration_date=TOMORROW.isoformat(),
        ),
        "I help gladly": store.add("I help gladly", "assistant", agent_id="bot"),
        "Bob swims": store.add("Bob swims", user_id="bob", agent_id="bot"),
    }
    gone = store.add("Ada met a zebra", user_id="ada")
    store.mem0.update(gone, "Ada met an ocelot")
    store.mem0.delete(gone)
    return ids


def bring(store, tenant, *more, close=True):
    """As the command is called once mem0 has stopped."""
    if close:
        store.close()
    arguments = (*store.arguments, "--history", str(store.history))
    return run("import_mem0", "--tenant", tenant.slug, *arguments, *more)


def kept(tenant):
    with tenant_scope(tenant.id):
        rows = read_memories(list(Memory.objects.values_list("id", flat=True)))
        return {str(row.id): row for row in rows}


def describe(stored=0, present=0, repeated=0, refused=0):
    read = stored + present + repeated + refused
    return (
        f"{read} memories read: {stored} stored, {present} here already,"
        f" {repeated} repeated, {refused} refused.\n"
    )


def test_everything_is_brought_in(store, filled, tenant):
    theirs = {memory_id: store.mem0.get(memory_id) for memory_id in filled.values()}

    assert bring(store, tenant) == (
        0,
        describe(stored=4),
        "3 of 4 read, 3 stored\n4 of 4 read, 4 stored\n",
    )

    ours = kept(tenant)
    assert {row.text: memory_id for memory_id, row in ours.items()} == filled
    for memory_id, row in ours.items():
        their = theirs[memory_id]
        assert row.text == their["memory"]
        assert row.created_at == datetime.fromisoformat(their["created_at"])
        assert row.updated_at == datetime.fromisoformat(their["updated_at"])
        assert row.metadata == their.get("metadata")
        assert row.entity_names == {
            kind: their[f"{kind}_id"]
            for kind in (EntityKind.USER, EntityKind.AGENT, EntityKind.RUN)
            if their.get(f"{kind}_id")
        }
    named = ours[filled["Nadja likes Oslo"]]
    assert (named.speaker, named.role, named.expires_on) == ("Nadja", "user", TOMORROW)
    assert ours[filled["I help gladly"]].role == "assistant"
    assert sorted(find(tenant, "drinks swims likes", ANYBODY)) == sorted(filled)


def test_history_comes_too_but_nothing_that_was_deleted(store, filled, tenant):
    told = {memory_id: store.mem0.history(memory_id) for memory_id in filled.values()}

    bring(store, tenant)

    for memory_id, theirs in told.items():
        with tenant_scope(tenant.id):
            ours = list_versions(memory_id)
        assert [(row.event, row.text) for row in ours] == [
            (row["event"], row["new_memory"]) for row in theirs
        ]
        assert [row.created_at for row in ours] == [
            datetime.fromisoformat(row["updated_at"] or row["created_at"]) for row in theirs
        ]
        assert sorted(ours, key=lambda row: row.id) == ours
    dump = dump_rows(tenant.id)
    for word in ("zebra", "ocelot", "coffee", "blue", "Nadja"):
        assert find_plain(dump, word) == set()
    with tenant_scope(tenant.id):
        texts = [row.text for memory_id in filled.values() for row in list_versions(memory_id)]
    assert sorted(texts) == sorted([*filled, "Ada drinks tea"])


def test_second_run_adds_nothing(store, filled, tenant):
    bring(store, tenant)
    before = dump_rows(tenant.id)

    assert bring(store, tenant, close=False)[:2] == (0, describe(present=4))

    assert dump_rows(tenant.id) == before


def test_run_that_was_killed_goes_on(store, filled, tenant, monkeypatch):
    import_memories, calls = importing.import_memories, []

    def die(**fields):
        calls.append(len(fields["known"]))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return import_memories(**fields)

    monkeypatch.setattr(importing, "import_memories", die)
    with pytest.raises(KeyboardInterrupt):
        bring(store, tenant)
    assert len(kept(tenant)) == 3

    assert bring(store, tenant, close=False)[:2] == (0, describe(stored=1, present=3))

    assert calls == [3, 1, 1]
    assert {row.text for row in kept(tenant).values()} == set(filled)


def test_process_that_was_killed_goes_on(in_qdrant, server):
    for number in range(250):
        in_qdrant.add(f"Ada has {number} cups", user_id="ada")
    in_qdrant.close()
    arguments = (*in_qdrant.arguments, "--history", str(in_qdrant.history))
    with server.blocker.unblock():
        tenant = make_server(server.url, server.blocker).tenant
    command = ["import_mem0", "--tenant", tenant.slug, *arguments]

    with subprocess.Popen(
        [sys.executable, PROJECT / "manage.py", *command],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline() == "100 of 250 read, 100 stored\n"
        process.kill()
    again = run_process(*command, "--json")

    counts = json.loads(again.out)
    assert (again.code, counts["held"], counts["found"]) == (0, 250, 250)
    assert counts["present"] + counts["stored"] == 250
    assert counts["present"] in {100, 200}
    with server.blocker.unblock():
        assert sorted(row.text for row in kept(tenant).values()) == sorted(
            f"Ada has {number} cups" for number in range(250)
        )


def test_dry_run_stores_nothing(store, filled, tenant):
    before = dump_rows(tenant.id)

    code, out, _ = bring(store, tenant, "--dry-run")

    assert (code, out) == (0, describe(stored=4).replace("stored", "would be stored"))
    assert dump_rows(tenant.id) == before


def test_without_a_history_the_present_state_is_the_only_one(store, filled, tenant):
    store.close()

    run("import_mem0", "--tenant", tenant.slug, *store.arguments)

    with tenant_scope(tenant.id):
        [version] = list_versions(filled["Ada drinks coffee"])
    assert (version.event, version.text) == ("ADD", "Ada drinks coffee")


def test_what_is_here_already_is_left_as_it_is(in_qdrant, tenant):
    add(tenant, "Ada sleeps", user="ada")
    deleted = in_qdrant.add("Ada runs", user_id="ada")
    in_qdrant.add("Ada sleeps", user_id="ada")

    assert bring(in_qdrant, tenant)[1] == describe(stored=1, repeated=1)

    delete_memory(tenant_id=tenant.id, memory_id=UUID(deleted), by=SYSTEM)
    assert bring(in_qdrant, tenant, close=False)[1] == describe(present=1, repeated=1)
    assert {row.text for row in kept(tenant).values()} == {"Ada sleeps", None}


def test_refused_are_counted_by_reason_and_hold_up_nothing(in_qdrant, tenant, settings):
    settings.MAX_TEXT_LENGTH = 20
    settings.MAX_METADATA_BYTES = 20
    add(tenant, "Cleo sleeps", user="cleo")
    with tenant_scope(tenant.id):
        block_id(kind=EntityKind.USER, external_id="bob")
        [cleo] = find_entities([(EntityKind.USER, "cleo")]).values()
        set_flag(entity_id=cleo.id, flag=EntityFlag.OBJECTED, by=SYSTEM)
    for text, fields in (
        ("Ada drinks tea", {"user_id": "ada"}),
        ("Bob drinks tea", {"user_id": "bob"}),
        ("Cleo drinks tea", {"user_id": "cleo"}),
        ("Ada drinks much more tea", {"user_id": "ada"}),
        ("Ada has metadata", {"user_id": "ada", "metadata": {"a": "x" * 20}}),
    ):
        in_qdrant.add(text, **fields)

    code, out, err = bring(in_qdrant, tenant)

    assert (code, out.splitlines()[0]) == (0, describe(stored=1, refused=4).strip())
    assert sorted(out.splitlines()[1:]) == [
        "1 refused: Its metadata has more than 20 bytes as JSON.",
        f"1 refused: {OBJECTED}",
        "1 refused: This user_id was erased on the person's request, and is blocked.",
        "1 refused: text must have at most 20 characters.",
    ]
    assert sorted(row.text for row in kept(tenant).values()) == ["Ada drinks tea", "Cleo sleeps"]


def test_counts_that_do_not_add_up_fail(in_qdrant, tenant, monkeypatch):
    in_qdrant.add("Ada drinks tea", user_id="ada")
    monkeypatch.setattr(open_source.QdrantFolder, "count", lambda _: 2)

    code, out, err = bring(in_qdrant, tenant, "--json")

    assert (code, err) == (1, "1 were read, but the source holds 2")
    assert json.loads(out) == {
        "held": 2,
        "read": 1,
        "stored": 1,
        "present": 0,
        "repeated": 0,
        "found": 1,
        "refused": {},
    }


def test_it_leaves_events_without_a_word(in_qdrant, tenant):
    in_qdrant.add("Ada drinks tea", name="Nadja", user_id="ada")

    bring(in_qdrant, tenant)

    with tenant_scope(tenant.id):
        [event] = AuditEvent.objects.filter(action="memory.add")
        assert event.facts == {"added": 1, "repeated": 0}
        [ada] = Entity.objects.all()
        assert ada.speakers == ["Nadja"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--qdrant", "{tmp}"), "{tmp} is no folder of Qdrant's client."),
        (("--qdrant", "{qdrant}", "--collection", "x"), "{qdrant} holds no collection x."),
        (
            ("--qdrant", "{qdrant}", "--history", "{tmp}/x"),
            "{tmp}/x is no history of mem0: unable to open database file.",
        ),
        (
            ("--hosted", "ftp://x", "--key-file", "{key}"),
            "The address must be one such as https://api.mem0.ai.",
        ),
        (("--hosted", "http://127.0.0.1:9"), "--hosted needs --key-file."),
        (
            ("--hosted", "http://127.0.0.1:9", "--key-file", "{tmp}/x"),
            "{tmp}/x can't be read: No such file or directory.",
        ),
    ],
)
def test_what_cant_be_read_is_said_in_one_line(in_qdrant, tenant, tmp_path, arguments, said):
    in_qdrant.close()
    (tmp_path / "key").write_text("k\n")
    places = {"tmp": tmp_path, "qdrant": tmp_path / "qdrant", "key": tmp_path / "key"}
    filled = [argument.format(**places) for argument in arguments]

    assert run("import_mem0", "--tenant", tenant.slug, *filled) == (1, "", said.format(**places))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the client
def test_folder_that_is_in_use_is_not_read(in_qdrant, tenant):
    code, _, err = bring(in_qdrant, tenant, close=False)

    assert code == 1
    assert "already accessed by another instance" in err


def test_without_the_client_a_folder_is_not_read(in_qdrant, tenant, monkeypatch):
    monkeypatch.setitem(sys.modules, "qdrant_client", None)

    assert bring(in_qdrant, tenant)[2] == (
        "A folder of Qdrant is read by its client: pip install qdrant-client"
    )


def test_database_that_cant_be_read_is_said_without_its_password(tenant):
    url = "postgresql://u:hunter2@127.0.0.1:9/x"

    code, out, err = run("import_mem0", "--tenant", tenant.slug, "--pgvector", url)

    assert (code, out) == (1, "")
    assert err.startswith("mem0's database can't be read: ")
    assert "hunter2" not in err
