"""The benchmark of erasures, on next to nothing."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "erasure.py"


def test_it_prints_times_and_memory():
    done = subprocess.run(
        [sys.executable, SCRIPT, "--memories", "20"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert results.keys() == {"copy", "erasure", "one by one"}
    assert results["copy"].keys() == {"seconds", "peak_mb", "bytes"}
    assert results["erasure"]["rows"] == 61
    assert results["one by one"]["per_s"] > 0
