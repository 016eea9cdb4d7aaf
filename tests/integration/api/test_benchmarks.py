"""The scripts of tests/benchmarks against a running server, on next to nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "benchmarks"
TALK = [
    ("Ada", "My xylophone broke.", None),
    ("Bob", "What a pity.", None),
    ("Ada", "Look at the new one!", "a wooden xylophone on a table"),
]


def run(script, server, *arguments):
    command = [sys.executable, SCRIPTS / script, "--url", server.url, "--api-key", server.key]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def data(tmp_path):
    turns = [
        {"speaker": who, "dia_id": f"D1:{n}", "text": text, "blip_caption": caption}
        for n, (who, text, caption) in enumerate(TALK, start=1)
    ]
    conversation = {"session_1": turns, "session_1_date_time": "1:56 pm on 8 May, 2023"}
    questions = [
        {"question": "What broke?", "evidence": ["D1:1"], "category": 1},
        {"question": "What stands on the table?", "evidence": ["D1:3"], "category": 4},
        {"question": "Who flew?", "evidence": ["D1:2"], "category": 5},
        {"question": "Who sang?", "evidence": [], "category": 2},
    ]
    file = tmp_path / "data.json"
    file.write_text(json.dumps([{"conversation": conversation, "qa": questions}]))
    return file


def test_recall_prints_one_object_and_runs_twice(server, data):
    first, second = (run("recall.py", server, "--data", data) for _ in range(2))

    everything = {"5": 1.0, "10": 1.0, "20": 1.0}
    assert first["questions"] == 3
    assert first["recall"] == dict.fromkeys(["1", "4", "5", "1-4", "all"], everything)
    assert first["seconds"].keys() == {"load", "search_p50"}
    assert second["recall"] == first["recall"]


def test_http_prints_a_figure_for_each_operation(server):
    small = ["--seconds", "0.05", "--clients", "2", "--seed-memories", "200"]

    results = run("http.py", server, *small, "--operations", OPERATIONS)

    assert list(results) == [*OPERATIONS.split(","), "load"]
    assert results["load"].keys() == {"memories", "seconds", "reused"}
    assert all(
        results[name]["2"].keys() == {"per_s", "p50_ms", "p95_ms"} for name in OPERATIONS.split(",")
    )


OPERATIONS = "add_1,add_20,search_30,search_1000,search_10000,get,list_100,history,update"
