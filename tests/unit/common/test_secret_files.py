import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.common.secret_files import (
    encode_key,
    parse_key,
    read_or_make,
    replace_file,
    write_once,
)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_read_or_make_writes_a_secret_for_its_owner_only(tmp_path):
    made = read_or_make(tmp_path, "secret_key")

    path = tmp_path / "keys" / "secret_key"
    assert len(made) == 64
    assert path.read_text() == made + "\n"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_read_or_make_reads_what_is_there(tmp_path):
    first = read_or_make(tmp_path, "secret_key")

    assert read_or_make(tmp_path, "secret_key") == first
    assert read_or_make(tmp_path, "another") != first


def test_read_or_make_names_the_setting_where_the_folder_is_a_file(tmp_path):
    (tmp_path / "keys").write_text("")

    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY or MEMORYHUB_DATA_DIR"):
        read_or_make(tmp_path, "secret_key")


def test_write_once_leaves_an_existing_file(tmp_path):
    path = tmp_path / "key"
    write_once(path, "first")

    write_once(path, "second")

    assert path.read_text() == "first\n"


def test_write_once_in_a_race_has_one_winner_and_no_drafts(tmp_path):
    path = tmp_path / "key"

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write_once(path, f"writer {number}"), range(32)))

    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]
    assert path.read_text() in {f"writer {number}\n" for number in range(32)}
    assert mode(path) == 0o600


def test_read_or_make_in_a_race_gives_everyone_the_same(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        read = set(pool.map(lambda _: read_or_make(tmp_path, "secret_key"), range(32)))

    assert read == {(tmp_path / "keys" / "secret_key").read_text().strip()}


def test_replaced_file_stays_under_its_other_name(tmp_path):
    path, kept = tmp_path / "key", tmp_path / "key.before"
    write_once(path, "first")

    replace_file(path, "second", keep=kept)

    assert (path.read_text(), kept.read_text()) == ("second\n", "first\n")
    assert (mode(path), mode(kept)) == (0o600, 0o600)


def test_file_is_not_replaced_where_the_other_name_is_taken(tmp_path):
    path, kept = tmp_path / "key", tmp_path / "key.before"
    write_once(path, "second")
    write_once(kept, "first")

    with pytest.raises(FileExistsError):
        replace_file(path, "third", keep=kept)

    assert (path.read_text(), kept.read_text()) == ("second\n", "first\n")
    assert len(list(tmp_path.iterdir())) == 2


def test_replacing_in_a_race_loses_no_file(tmp_path):
    path, kept = tmp_path / "key", tmp_path / "key.before"
    write_once(path, "first")

    def replace(number):
        try:
            replace_file(path, f"writer {number}", keep=kept)
        except FileExistsError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(replace, range(32))) == 1

    assert kept.read_text() == "first\n"
    assert path.read_text() in {f"writer {number}\n" for number in range(32)}


def test_parse_key_reads_what_encode_key_writes():
    raw = bytes(range(32))

    assert parse_key("KEY", encode_key(raw)) == raw
    assert parse_key("KEY", None) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(33)).decode(),
        "*" * 44,
    ],
)
def test_parse_key_names_the_variable_of_a_wrong_one(text):
    with pytest.raises(ImproperlyConfigured) as error:
        parse_key("MEMORYHUB_MASTER_KEY", text)

    assert str(error.value) == "MEMORYHUB_MASTER_KEY must be 32 random bytes in base64."


def test_parse_key_names_the_variable_of_a_key_outside_ascii():
    with pytest.raises(ImproperlyConfigured):
        parse_key("MEMORYHUB_MASTER_KEY", "schlüssel")
