# noqa: INP001 - a script, not a package
"""Make .venv and install a lock file into it: `python3 tools/venv.py requirements.txt`.

Runs before anything is installed, so it uses the standard library only, and parses on Pythons that
are too old for MemoryHub, to tell them so.
"""

import hashlib
import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
VERSION = "{}.{}".format(*sys.version_info[:2])


def main(lock: Path) -> None:
    require_version()
    checksum = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"{lock.name}.sha256"
    if not works(PYTHON):
        make()
    if stamp.exists() and stamp.read_text() == checksum:
        return
    sys.stderr.write(f"Installing {lock.name} into {VENV} (only when it changed) ...\n")
    install(lock)
    stamp.write_text(checksum)


def works(python: Path) -> bool:
    check = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    try:
        result = subprocess.run([python, "-c", check], capture_output=True, check=False)  # noqa: S603
    except OSError:
        return False
    return result.returncode == 0


def require_version() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(f"MemoryHub needs Python 3.11, 3.12 or 3.13, and this is {VERSION}: set PYTHON.")


def make() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(f"This Python has no ensurepip: install the Debian package python{VERSION}-venv.")
    run([sys.executable, "-m", "venv", "--clear", VENV], "The folder .venv could not be made")


def install(lock: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    safety = ["--only-binary", ":all:", "--require-hashes"]
    command = [PYTHON, "-m", "pip", "install", *options, *safety, "--requirement", lock]
    run(command, f"Installing {lock.name} failed")


def run(command: list, failure: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode != 0:
        sys.exit(f"{failure}: {explain(result.stderr or result.stdout)}")


def explain(output: str) -> str:
    """The one line of pip's output that says why."""
    if "NewConnectionError" in output or "ConnectTimeoutError" in output:
        return "the package index cannot be reached."
    missing = re.search(r"No matching distribution found for (\S+)", output)
    if missing:
        machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        return f"there is no wheel of {missing[1]} for this machine ({machine})."
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    return (errors or output.splitlines() or ["no reason given."])[-1]


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}.")
