"""A command as a script calls it: exit code, stdout and stderr."""

import io
import subprocess
import sys
from typing import NamedTuple

from django.core.management import CommandError, call_command

from memoryhub.embedded.layout import PROJECT
from tests.integration.server import environment


class Run(NamedTuple):
    code: int
    out: str
    err: str


def run(name: str, *arguments: str) -> Run:
    """In this process. Usage errors raise CommandError here and are not told from others."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return Run(error.returncode, out.getvalue(), str(error))
    return Run(0, out.getvalue(), err.getvalue())


def run_process(*arguments: str, stdin: str = "", **variables: str) -> Run:
    """In a process of its own, on the test database."""
    ended = subprocess.run(
        [sys.executable, PROJECT / "manage.py", *arguments],
        check=False,
        env=environment() | variables,
        cwd=PROJECT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Run(ended.returncode, ended.stdout, ended.stderr)
