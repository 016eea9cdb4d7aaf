"""The real client for JavaScript, unmodified, against a running server."""

import json
import os
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "js"
pytestmark = pytest.mark.needs("Node", "mem0ai for Node")


def drive(server, person):
    key = server.make_key("read", "write", "delete", "admin")
    ran = subprocess.run(
        ["node", FOLDER / "drive.mjs", server.url, key, person, FOLDER],
        env=os.environ | {"MEM0_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("tail", ["", "/ö ü", "%2F?#"])
def test_each_method_sees_what_it_should(server, person, tail):
    person = f"{person}{tail}"

    assert drive(server, person) == {
        "added": ["SUCCEEDED", "string"],
        "listed": [2, ["I drink tea.", "Our dog is called Biscuit."]],
        "got": ["I drink tea.", {"inner_key": 1}, person],
        "searched": [["I drink tea.", True]],
        "either": 2,
        "history": [["ADD", "I drink tea."], ["UPDATE", "I drink coffee."]],
        "users": [["string", 2]],
        "batch": "I drink water.",
        "feedback": "POSITIVE",
        "exported": ["I drink water.", "Our dog is called Biscuit."],
        "project": "Keep drinks.",
        "webhook": [[["memory_add"], True]],
        "refusals": ["ValidationError", "MemoryNotFoundError", "ValidationError"],
        "left": 0,
        "nobody": "done",
    }
