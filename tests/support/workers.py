"""Brokers and Celery workers in processes of their own, to be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import redis

from memoryhub.embedded import binaries
from tests.integration.server import environment, free_port
from tests.support import chat
from tests.support.needs import find
from tests.support.processes import wait_until

KEEPS = ["--appendonly", "yes", "--save", ""]


class Process:
    """A program with its children, which are killed together."""

    def __init__(self, command, log, env=None):
        self.command, self.log, self.env = command, log, env
        self.start()

    def start(self):
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, env=self.env, stdout=output, stderr=output, start_new_session=True
            )

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def tend(self):
        """Start it again if it has ended, as the supervisor does."""
        if self.process.poll() is not None:
            self.start()

    def restart(self):
        self.kill()
        self.start()


def start_broker(folder, kind):
    """`embedded` or `Redis`; answers the process and its address."""
    program = binaries.valkey() if kind == "embedded" else find("Redis")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), *KEEPS]
    return Process(command, folder / "broker.log"), f"redis://127.0.0.1:{port}/0"


def start_worker(folder, broker_url, **settings):
    """With the clock inside, so that it sweeps."""
    schedule = ["-B", "--schedule", str(folder / "schedule")]
    options = ["--concurrency", "2", "--without-mingle", "--without-gossip", *schedule]
    command = [sys.executable, "-m", "celery", "-A", "memoryhub", "worker", *options]
    return Process(
        command,
        folder / "worker.log",
        environment() | {"CELERY_BROKER_URL": broker_url, "LOG_LEVEL": "warning"} | settings,
    )


def echo(seconds=0.0):
    """A model that finds one statement in each message: its text."""

    def answer(handler, request):
        time.sleep(seconds)
        shown = json.loads(request["messages"][1]["content"])
        said = [chat.statement(each["text"], each["number"]) for each in shown["new_messages"]]
        chat.say(*said)(handler, request)

    return answer


def wait_for_broker(url):
    with redis.Redis.from_url(url) as client:
        wait_until(lambda: _answers(client))


def _answers(client):
    with suppress(redis.ConnectionError):
        return client.ping()
    return False
