"""Looking at a page for all that no page may have."""

import os
import re
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.e2e.conftest import PASSWORD, Watched
from tests.e2e.world import SECRET
from tests.support.needs import find

playwright = pytest.importorskip("playwright.sync_api")
SHOTS = os.environ.get("MEMORYHUB_SHOTS", "")
IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STATUS = ("status of 404", "status of 405")  # which the answer says itself
WIDE, PHONES = 1440, (390, 320)
AXE = """(only) => axe.run(document, {...only, resultTypes: ["violations"]}).then((found) => found.violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(" ")}`))"""
DARK = "document.documentElement.dataset.theme = 'dark'"
SHIFTS = """window.shifts = [];
    new PerformanceObserver((list) => list.getEntries().forEach(({value, sources}) => {
      const moved = sources.map(({node}) => node?.outerHTML?.slice(0, 100));
      if (value > 0.01) window.shifts.push(`${value.toFixed(4)} ${moved}`);
    })).observe({type: "layout-shift", buffered: true});"""
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth)
      .map((e) => e.outerHTML.slice(0, 100)).slice(0, 3)"""
OFFERS = """() => [...document.querySelectorAll("a[href], form, [formaction], [hx-get], [hx-post]")]
    .flatMap((e) => [e.getAttribute("href"), e.getAttribute("action"),
      e.getAttribute("formaction"), e.getAttribute("hx-get"), e.getAttribute("hx-post")])
    .filter(Boolean).map((address) => new URL(address, location))
    .filter(({origin}) => origin === location.origin).map(({pathname}) => pathname)"""


class Walk:
    """A browser that looks at each page it is told to, and keeps what is wrong by its path."""

    def __init__(self, context):
        self.seen, self.kinds, self.found = [], set(), {}
        self.watched = Watched(context.new_page())
        self.page = self.watched.page
        self.page.add_init_script(SHIFTS)
        self.page.add_init_script(Path(find("axe-core"), "axe.min.js").read_text())

    def go(self, path):
        """Look at what is there, if it is a page: no file, no redirect, not only for a form."""
        self.watched.complaints.clear()
        if is_page(self.page, path):
            self.look(path)

    def look(self, name):
        """At the page as it stands: first wide and light, then narrow; one of its kind dark too."""
        page, kind = self.page, IDS.sub("id", name).partition("?")[0]
        is_first = kind not in self.kinds
        self.kinds.add(kind)
        self.seen.append(name)
        self.shoot(name, "light")
        found = {
            "shifts": page.evaluate("window.shifts"),
            "light": page.evaluate(AXE, {}),
        }
        if is_first:
            page.evaluate(DARK)
            found["dark"] = page.evaluate(AXE, {"runOnly": ["color-contrast"]})
            self.shoot(name, "dark")
        for width in PHONES:
            page.set_viewport_size({"width": width, "height": 844})
            found[width] = page.evaluate(TOO_WIDE)
            if width == PHONES[0]:
                self.shoot(name, "phone")
        page.set_viewport_size({"width": WIDE, "height": 900})
        page.wait_for_function(f"innerWidth === {WIDE}")  # else the next page begins as a phone's
        found["complaints"] = list_complaints(self.watched)
        self.watched.complaints.clear()
        if wrong := {what: said for what, said in found.items() if said}:
            self.found[name] = wrong

    def shoot(self, name, look):
        if SHOTS:
            file = re.sub(r"[^a-z0-9]+", "-", IDS.sub("id", name)).strip("-")
            self.page.screenshot(path=f"{SHOTS}/{file}.{look}.png", full_page=True)


def is_page(page, path):
    """Whether the address leads to a page of its own; then it stands open. None may be refused."""
    asked = page.request.get(path, max_redirects=0)
    assert asked.status in {200, 302, 404, 405}, (path, asked.status)
    is_html = asked.headers.get("content-type", "").startswith("text/html")
    if asked.status == 302 or not is_html or not asked.body():
        return False
    page.goto(path)
    return True


def list_complaints(watched):
    return [said for said in watched.complaints if not any(map(said.__contains__, STATUS))]


def give_password(page, email, password=PASSWORD):
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def give_code(page):
    page.get_by_label("Code").fill(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
    page.get_by_role("button", name="Sign in").click()
