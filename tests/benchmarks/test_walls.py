"""The cost of the walls and keys: the script on next to nothing, and its arithmetic."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.walls import summarize

SCRIPT = Path(__file__).parent / "walls.py"


def test_it_prints_speeds_and_ratios():
    small = ["--seconds", "0.1", "--slice", "0.1", "--memories", "10", "--variants", "all,none"]

    done = subprocess.run(
        [sys.executable, SCRIPT, *small], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert list(results) == ["search", "add"]
    for result in results.values():
        assert result["per_s"].keys() == {"all", "none"}
        assert result["ratio"].keys() == {"none"}
        assert all(value > 0 for values in result.values() for value in values.values())


def test_a_ratio_is_the_median_of_the_rounds():
    rounds = [
        {("add", "all"): 50.0, ("add", "none"): 100.0},
        {("add", "all"): 90.0, ("add", "none"): 100.0},
        {("add", "all"): 8.0, ("add", "none"): 10.0},
    ]

    assert summarize("add", rounds, ["all", "none"]) == {
        "per_s": {"all": 50.0, "none": 100.0},
        "ratio": {"none": 0.8},
    }
