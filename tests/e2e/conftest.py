"""A browser against a server of its own process, on the test database."""

import fcntl
import json
import subprocess
import sys
import urllib.request
import uuid

import pytest
from django.conf import settings
from django.db import connections

from apps.common.actor import SYSTEM
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from tests.integration import server as real
from tests.support.needs import find

PASSWORD = "a long pass phrase, not a word"

server = real.server


@pytest.fixture(scope="session", autouse=True)
def collected_files():
    """What `make up` does before it serves; the server of the tests reads the same folder.

    One process after the other: two that collect at a time make each other fail.
    """
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    with (settings.BASE_DIR / "manage.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(command, cwd=settings.BASE_DIR, check=True)


class Watched:
    """A page, and everything the browser complained about on it."""

    def __init__(self, page):
        self.page = page
        self.complaints = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self.listen)
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (e) => console.error('policy', e.violatedDirective, e.blockedURI))"
        )

    def listen(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def chromium():
    """Playwright keeps an event loop in this thread, from which Django refuses to ask the database."""
    playwright = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, playwright.sync_playwright() as runner:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = runner.chromium.launch(executable_path=find("Chromium"), args=options)
        yield browser
        browser.close()
        connections.close_all()  # those of the loop; nobody sees them once it has ended


@pytest.fixture
def watched(chromium, server):
    context = chromium.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield Watched(context.new_page())
    context.close()


@pytest.fixture
def email(server):
    email = f"operator-{uuid.uuid4().hex[:8]}@halden.example"
    with server.blocker.unblock():
        create_operator(
            email=email, password=PASSWORD, tenant=server.tenant, role=Role.OWNER, by=SYSTEM
        )
    return email


@pytest.fixture
def sign_in(email):
    def sign(page):
        page.goto("/dashboard/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Overview").wait_for()
        page.wait_for_load_state()  # until then no script listens to keys

    return sign


@pytest.fixture
def person(server):
    """A user with memories, by the application's id."""
    person = f"traveller-{uuid.uuid4().hex[:8]}"
    texts = ["Plays the xylophone in a small orchestra.", "Has a dog called Biscuit."]
    body = {"messages": [{"role": "user", "content": text} for text in texts], "user_id": person}
    send(server, "/v3/memories/add/", body | {"infer": False})
    return person


def send(server, path, body):
    headers = {"Authorization": f"Token {server.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
