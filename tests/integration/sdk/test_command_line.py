"""mem0's own command line, unmodified, against a running server."""

import json
import os
import subprocess
import sys

import pytest

UNKNOWN = "0192f0c1-2a3b-7c4d-8e5f-0123456789ab"


@pytest.fixture
def mem0(server, tmp_path):
    def run(*arguments, key=server.key, code=0):
        ran = subprocess.run(
            [sys.executable, "-m", "mem0_cli", "--json", *arguments],
            env=os.environ
            | {
                "HOME": str(tmp_path),
                "MEM0_TELEMETRY": "false",
                "MEM0_BASE_URL": server.url,
                "MEM0_API_KEY": key,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return json.loads(ran.stdout) if ran.stdout.strip() else None

    return run


def rows(answer):
    return sorted(row["memory"] for row in answer["data"])


@pytest.mark.parametrize("tail", ["", "/ö ü"])
def test_memories_live_and_die(mem0, person, tail):
    user = f"{person}{tail}"
    mem0("add", "I drink tea.", "--user-id", user, "--no-infer", "--metadata", '{"mood": "good"}')
    mem0("add", "Our dog is called Biscuit.", "--user-id", user, "--no-infer")

    listed = mem0("list", "--user-id", user)
    assert rows(listed) == ["I drink tea.", "Our dog is called Biscuit."]
    assert "I drink tea." in rows(mem0("search", "tea", "--user-id", user, "--threshold", "0"))
    tree = json.dumps({"AND": [{"user_id": user}, {"metadata": {"mood": "good"}}]})
    assert rows(mem0("search", "dog", "--threshold", "0", "--filter", tree)) == ["I drink tea."]
    assert rows(mem0("list", "--user-id", user, "--after", "2999-01-01")) == []
    [tea] = [row["id"] for row in listed["data"] if row["memory"] == "I drink tea."]
    mem0("update", tea, "I drink coffee.")
    assert mem0("get", tea)["data"]["memory"] == "I drink coffee."
    mem0("delete", tea, "--force")
    assert rows(mem0("list", "--user-id", user)) == ["Our dog is called Biscuit."]
    mem0("delete", "--all", "--user-id", user, "--force")
    assert rows(mem0("list", "--user-id", user)) == []


def test_entities_and_status(mem0, person):
    mem0("add", "I drink tea.", "--user-id", person, "--no-infer")

    assert person in json.dumps(mem0("entity", "list", "users"))
    mem0("entity", "delete", "--user-id", person, "--force")
    assert rows(mem0("list", "--user-id", person)) == []
    assert mem0("status")["status"] == "success"


def test_refusals_are_told(mem0):
    mem0("get", UNKNOWN, code=1)
    mem0("get", "nonsense", code=1)
    mem0("list", "--user-id", "ada", key="mhk_wrong", code=1)
