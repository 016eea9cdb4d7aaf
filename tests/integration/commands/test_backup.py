"""Backup, erase, restore, replay: what was erased is gone. On an embedded server of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from apps.operations.domain.backups import STAMP, remove_old_keys
from memoryhub.embedded.layout import PROJECT, prepare
from tests.support.processes import living, wait_until

ADD = """
from apps.common.actor import SYSTEM
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.memories import add_memories
from apps.memories.domain.jobs import accept_job
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.models import Tenant
from tests.support.kernel import make_new

tenant = Tenant.objects.get(slug="default")
add = lambda text, **ids: add_memories(
    tenant_id=tenant.id, new=make_new(text, **ids), by=SYSTEM
).added[0].memory_id
"""
BEFORE = (
    ADD
    + """
gone = create_tenant(name="Gone", slug="gone", by=SYSTEM)
add_memories(tenant_id=gone.id, new=make_new("Eve drinks tea", user="eve"), by=SYSTEM)
add("Ada drinks tea", user="ada"), add("Bob drinks tea", user="bob")
print(add("Cleo drinks tea", user="cleo"))
accept_job(tenant_id=tenant.id, new=make_new("I swim.", user="cleo"), by=SYSTEM)
"""
)
BETWEEN = (
    ADD
    + """
from uuid import UUID
from apps.memories.enums import EntityKind
from apps.memories.domain.deletion import delete_entity_memories
from apps.memories.domain.journal_file import copy_journal
add("Dora drinks tea", user="dora")
delete_entity_memories(tenant_id=tenant.id, kind=EntityKind.USER, external_id="cleo", by=SYSTEM)
{copy}
"""
)
LOOK = """
import json
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.memories.models import Entity, Job, Memory, Message
from apps.tenants.models import Tenant

with tenant_scope(Tenant.objects.get(slug="default").id):
    print(json.dumps({
        "texts": sorted(row.text for row in with_keys(Memory.objects.live()) if row.text),
        "people": sorted(row.external_id for row in with_keys(Entity.objects.all(), owner="id")),
        "messages": Message.objects.count(),
        "jobs": list(Job.objects.values_list("state", flat=True)),
    }))
"""
SERVES = (
    "from memoryhub.start import check_start; check_start()",
    "import sys; from memoryhub.supervisor.prepare import main; sys.exit(main())",
)
ALL = {
    "texts": ["Ada drinks tea", "Bob drinks tea", "Cleo drinks tea"],
    "people": ["ada", "bob", "cleo"],
    "messages": 1,
    "jobs": ["PENDING"],
}
REPLAYED = {"entities": 1, "memories": 1, "jobs": 1, "messages": 0, "tenants": 1}
LEAVE = ("erase_tenant", "gone", "--confirm", "gone")
GONE = """
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory
from apps.tenants.models import Tenant
[gone] = Tenant.objects.exclude(closed_at=None)
with tenant_scope(gone.id):
    print(gone.closing["slug"], Memory.objects.count())
"""


class Instance:
    """Commands on a data folder of their own, as an operator gives them."""

    def __init__(self, root):
        self.root = root
        self.environment = {
            "PATH": os.environ["PATH"],
            "MEMORYHUB_DATA_DIR": str(root / "data"),
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            "EXTRACTOR": "rules",
            "DO_NOT_TRACK": "1",
        }

    def run(self, *arguments, code=0):
        """What it printed, or what it said of an error."""
        ended = subprocess.run(
            [sys.executable, *arguments],
            check=False,
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended.stderr if code else ended.stdout

    def manage(self, *arguments, **fields):
        return self.run("manage.py", *map(str, arguments), **fields)

    def script(self, text, **fields):
        return self.manage("shell", "--verbosity", "0", "-c", text, **fields)

    def look(self):
        return json.loads(self.script(LOOK).splitlines()[-1])


@pytest.fixture(scope="session")
def first_run(tmp_path_factory, made_cluster):
    """The data folder of an instance that was prepared and stopped; copying it is quicker."""
    made = Instance(tmp_path_factory.mktemp("first"))
    layout = prepare(made.root / "data")
    shutil.copytree(made_cluster, layout.cluster)
    made.manage("migrate", "--verbosity", "0")
    made.manage("first_run")
    wait_until(lambda: not living(layout.root))
    return layout.root


@pytest.fixture
def instance(tmp_path, first_run):
    shutil.copytree(first_run, tmp_path / "data", dirs_exist_ok=True)
    yield Instance(tmp_path)
    wait_until(lambda: not living(tmp_path / "data"))


def test_what_was_erased_after_the_backup_is_gone_after_the_restore(instance, tmp_path):
    backups, keys = tmp_path / "backups", tmp_path / "keys"
    folders = (backups, "--keys-dir", keys)
    instance.script(BEFORE)
    made = json.loads(instance.manage("backup", *folders, "--json"))
    assert [path.name for path in backups.iterdir()] == [made["data"].rpartition("/")[2]]
    assert [path.name for path in keys.iterdir()] == [made["keys"].rpartition("/")[2]]
    person = ("--tenant", "default", "--user", "ada", "--certificate", tmp_path / "certificate")
    instance.manage("erase_subject", *person)
    instance.manage(*LEAVE)
    instance.script(BETWEEN.format(copy="copy_journal()"))
    journal = tmp_path / "data" / "journal" / "erasures.jsonl"
    assert re.search(r"\bada\b|cleo|tea", journal.read_text()) is None

    assert "not empty" in instance.manage("restore", *folders, code=1)
    instance.manage("restore", *folders, "--replace")

    assert instance.look() == ALL  # as the backup held it
    for start in SERVES:
        assert "replay_erasures" in instance.script(start, code=1)
    assert "replay_erasures" in instance.manage("backup", *folders, code=1)
    assert "can't be read" in instance.manage("replay_erasures", "--journal", "/none", code=1)
    replayed = json.loads(instance.manage("replay_erasures", "--json"))
    assert replayed == REPLAYED
    assert instance.look() == {
        "texts": ["Bob drinks tea"],
        "people": ["bob", "cleo"],
        "messages": 0,
        "jobs": ["FAILED"],
    }
    assert instance.script(GONE) == "gone 0\n"
    for start in SERVES:
        instance.script(start)


def test_newer_keys_leave_nothing_to_read_of_who_was_erased(instance, tmp_path):
    """Even before the replay; and what the journal's file does not hold yet, the restore saves."""
    backups = tmp_path / "backups"
    instance.script(BEFORE)
    first = json.loads(instance.manage("backup", backups, "--json"))
    person = ("--tenant", "default", "--user", "ada", "--certificate", tmp_path / "certificate")
    instance.manage("erase_subject", *person)
    instance.manage(*LEAVE)
    instance.manage("backup", backups)
    instance.script(BETWEEN.format(copy=""))

    instance.manage("restore", backups, "--data", first["data"], "--replace")

    assert instance.script("from apps.keys.models import *; print('up')") == "up\n"
    with_keys = LOOK.replace("row.external_id for row", "row.external_id or '' for row")
    assert json.loads(instance.script(with_keys).splitlines()[-1]) == ALL | {
        "texts": ["Bob drinks tea", "Cleo drinks tea"],
        "people": ["", "bob", "cleo"],
    }
    replayed = json.loads(instance.manage("replay_erasures", "--json"))
    assert replayed == REPLAYED


def test_old_files_of_keys_are_removed_and_data_stays(tmp_path, settings):
    settings.KEY_BACKUP_DAYS = 7
    now = datetime(2026, 5, 20, 12, tzinfo=UTC)
    for kind in ("keys", "data"):
        for days in (0, 6, 8, 30):
            stamp = (now - timedelta(days=days)).strftime(STAMP)
            (tmp_path / f"{kind}-{stamp}.dump").touch()

    assert remove_old_keys(folder=tmp_path, now=now) == 2

    assert sorted(path.name[:13] for path in tmp_path.iterdir()) == [
        *("data-20260420", "data-20260512", "data-20260514", "data-20260520"),
        *("keys-20260514", "keys-20260520"),
    ]
