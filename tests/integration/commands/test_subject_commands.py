"""export_subject, erase_subject and erase_tenant, as a script calls them."""

import json
import zipfile

import pytest

from apps.audit.models import AuditEvent
from apps.common import sending
from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.domain.flags import set_flag
from apps.memories.enums import EntityFlag
from apps.memories.models import Memory
from apps.memories.queries.entities import find_entities
from apps.privacy.domain import orders, tenant_erasure
from apps.privacy.vacuum import VacuumFailed
from apps.tenants.domain.tenants import create_tenant
from tests.integration.commands.run import run
from tests.integration.test_verify_tool import call
from tests.support.committed import committing
from tests.support.kernel import add


@pytest.fixture
def tenant(django_db_setup, django_db_blocker, monkeypatch, settings, tmp_path):
    """Committed: what a test's own transaction holds can't be vacuumed."""
    settings.EXPORTS_DIR = tmp_path / "exports"
    monkeypatch.setattr(sending.current_app, "send_task", lambda *_, **__: None)
    with committing(django_db_blocker):
        yield create_tenant(name="Committed Clinic", slug="committed", by=SYSTEM)


@pytest.fixture
def held(tenant):
    add(tenant, "Ada drinks tea", user="ada", agent="bot")
    add(tenant, "Bob drinks tea", user="bob")


def erase(folder, *arguments, user="ada"):
    file = str(folder / "certificate.json")
    return run(
        "erase_subject", "--tenant", "committed", "--user", user, "--certificate", file, *arguments
    )


def left(tenant):
    with tenant_scope(tenant.id):
        return [memory.text for memory in Memory.objects.live()]


def test_person_is_erased_and_the_certificate_verifies(tenant, held, tmp_path):
    ended = erase(tmp_path, "--json")

    file, keys = tmp_path / "certificate.json", tmp_path / "keys.pem"
    keys.write_text(run("public_key").out)
    document = json.loads(file.read_text())
    assert (ended.code, json.loads(ended.out)["rows"], left(tenant)) == (0, 4, ["Bob drinks tea"])
    assert file.stat().st_mode & 0o777 == 0o600
    subject = document["subject"]["id"]
    said = f"OK erasure of user {subject}, 4 rows destroyed, 0 left, tenant {tenant.id}\n"
    assert call("certificate", file, "--public-key", keys) == (0, said, "")


def walk(value, path=()):
    """The places of all values in a document."""
    match value:
        case dict():
            for name, one in value.items():
                yield from walk(one, (*path, name))
        case list():
            for place, one in enumerate(value):
                yield from walk(one, (*path, place))
        case _:
            yield path


def changed(document, path):
    copy = json.loads(json.dumps(document))
    part = copy
    for name in path[:-1]:
        part = part[name]
    value = part[path[-1]]
    part[path[-1]] = (
        not value
        if isinstance(value, bool)
        else value + 1
        if isinstance(value, int)
        else f"{value}0"
    )
    return copy


def test_any_change_of_a_certificate_is_found_and_its_form_is_free(tenant, held, tmp_path):
    from tests.integration.test_verify_tool import TOOL

    erase(tmp_path)
    keys = tmp_path / "keys.pem"
    keys.write_text(run("public_key").out)
    document = json.loads((tmp_path / "certificate.json").read_text())
    known = TOOL["read_keys"](keys)

    def check(text):
        file = tmp_path / "tried.json"
        file.write_text(text)
        try:
            with file.open("rb") as opened:
                return TOOL["check_certificate"](opened, known, None)[0][:2]
        except TOOL["Bad"]:
            return "BAD"

    assert check(json.dumps(document, indent=8)) == "OK"
    assert check(json.dumps(dict(reversed(document.items())))) == "OK"
    places = list(walk(document))
    assert len(places) > 40
    assert {check(json.dumps(changed(document, path))) for path in places} == {"BAD"}
    for name in document:
        assert check(json.dumps({k: v for k, v in document.items() if k != name})) == "BAD"
    assert check(json.dumps(document | {"more": 1})) == "BAD"
    assert check(json.dumps(document)[:-1] + ', "number": 1}') == "BAD"
    assert {check(text) for text in ("", "[]", "1", "{}", "[" * 100_000)} == {"BAD"}


def test_certificate_by_another_key_is_refused(tenant, held, tmp_path):
    erase(tmp_path)
    old = tmp_path / "old.pem"
    old.write_text(run("public_key").out)
    new = tmp_path / "new.pem"
    new.write_text(run("public_key", "--rotate").out.partition("# ")[2].rpartition("# ")[2])

    file = tmp_path / "certificate.json"
    assert call("certificate", file, "--public-key", old)[0] == 0
    assert call("certificate", file, "--public-key", new)[0] == 1
    assert call("certificate", tmp_path / "none", "--public-key", old)[0] == 2


def test_erasure_under_a_hold_is_a_failure(tenant, held, tmp_path):
    with tenant_scope(tenant.id):
        [ada] = find_entities([("user", "ada")]).values()
        set_flag(entity_id=ada.id, flag=EntityFlag.HELD, by=SYSTEM)

    ended = erase(tmp_path)

    assert (ended.code, "legal hold" in ended.err) == (1, True)
    assert not (tmp_path / "certificate.json").exists()
    assert len(left(tenant)) == 2


@pytest.mark.parametrize("kind", ["user", "agent"])
def test_copy_is_written(tenant, held, tmp_path, kind):
    name = {"user": "ada", "agent": "bot"}[kind]
    file = tmp_path / "copy.zip"

    ended = run(
        "export_subject", "--tenant", "committed", f"--{kind}", name, "--out", str(file), "--json"
    )

    package = zipfile.ZipFile(file)
    assert (ended.code, json.loads(ended.out)["bytes"]) == (0, file.stat().st_size)
    assert file.stat().st_mode & 0o777 == 0o600
    document = json.loads(package.read("copy.json"))
    assert [row["text"] for row in document["tables"]["memories.Memory"]] == ["Ada drinks tea"]


def test_scrub_writes_tables_anew_and_says_so_on_the_certificate(tenant, held, tmp_path):
    from apps.privacy.domain.certificates import is_signed
    from apps.privacy.models import Certificate

    assert run("scrub").out.startswith("0 tables")
    erase(tmp_path)

    ended = run("scrub", "--json")

    assert json.loads(ended.out)["certificates"] == 1
    with tenant_scope(tenant.id):
        first, second = (one.document for one in Certificate.objects.order_by("number"))
    assert first["horizons"]["overwritten"] is None
    assert second["horizons"]["overwritten"] is not None
    assert is_signed(second)
    assert run("scrub").out.startswith("0 tables")
    with tenant_scope(INSTANCE_TENANT_ID):
        [event] = AuditEvent.objects.filter(action="scrub.make")
    assert event.facts == {key: json.loads(ended.out)[key] for key in ("tables", "certificates")}


@pytest.mark.parametrize("name", ["erase_subject", "export_subject"])
def test_one_subject_is_named(tenant, name):
    for whom in ([], ["--user", "ada", "--agent", "bot"]):
        assert run(name, "--tenant", "committed", *whom).code != 0


def test_unknown_tenant_is_named(tenant, tmp_path):
    ended = run("export_subject", "--tenant", "none", "--user", "a", "--out", str(tmp_path / "x"))

    assert (ended.code, "none" in ended.err) == (1, True)


def test_tenant_is_erased_goes_on_where_it_was_cut_short_and_verifies(tenant, held, tmp_path):
    copy, file, keys = (tmp_path / name for name in ("copy.zip", "certificate.json", "keys.pem"))
    assert "must repeat" in run("erase_tenant", "committed", "--confirm", "other").err
    assert left(tenant) == ["Ada drinks tea", "Bob drinks tea"]
    command = ("erase_tenant", "committed", "--confirm", "committed", "--certificate", str(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "MOST_TRIES", 1)
        patch.setattr(tenant_erasure, "vacuum_table", fail)
        assert "Run the same command again" in run(*command, "--export", str(copy)).err
    assert left(tenant) == []

    ended = run(*command, "--json")

    assert ended.code == 0
    assert len(zipfile.ZipFile(copy).read("data/memories.Memory.jsonl").splitlines()) == 2
    keys.write_text(run("public_key").out)
    rows = json.loads(ended.out)["rows"]
    said = f"OK erasure of tenant committed, {rows} rows destroyed, 0 left, tenant {tenant.id}\n"
    assert call("certificate", file, "--public-key", keys) == (0, said, "")
    assert json.loads(run(*command, "--json").out) == json.loads(ended.out)
    assert "has the slug" in run("erase_tenant", "none", "--confirm", "none").err


def fail(*_, **__):
    raise VacuumFailed
