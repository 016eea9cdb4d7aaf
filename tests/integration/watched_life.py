"""A life of MemoryHub in one process, from start to stop, with all that could reach outside noted.

`python -m tests.integration.watched_life API_KEY [try]` prints what the guards saw as one JSON
document. Those of sockets, names and imports are Python's own audit hooks: nothing that Python does
goes past them. What would leave the machine is noted and refused. With `try`, each guard is given something to see.
"""

import atexit
import io
import json
import socket
import sys
import threading
import time
from contextlib import suppress

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
seen = {"sockets": [], "lookups": [], "threads": [], "posthog": False}


def watch(event, args):
    if event == "import" and args[0].partition(".")[0] == "posthog":
        seen["posthog"] = True
    elif event in {"socket.connect", "socket.sendto"} and isinstance(args[1], tuple):
        refuse("sockets", args[1][0])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        refuse("lookups", args[0])


def watch_threads():
    start = threading.Thread.start

    def noted(thread):
        if not thread.name.startswith("pool-"):  # of the connections to the database
            seen["threads"].append(thread.name)
        start(thread)

    threading.Thread.start = noted


def refuse(kind, host):
    if host not in LOOPBACK:
        seen[kind].append(str(host))
        raise socket.gaierror(f"{host} is outside")


def give_the_guards_something():
    thread = threading.Thread(target=time.time, name="tried")
    thread.start()
    thread.join()
    for attempt in (reach, look_up):
        with suppress(OSError):
            attempt()


def reach():
    with socket.socket() as probe:
        probe.connect(("192.0.2.1", 80))


def look_up():
    socket.getaddrinfo("zanzibar.invalid", 443)


def call(application, key, method, path, body=None):
    """One request as the web server makes it; answers the JSON."""
    raw = json.dumps(body).encode() if body else b""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "HTTP_AUTHORIZATION": f"Token {key}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": io.BytesIO(raw),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
    statuses = []
    response = application(environ, lambda status, headers: statuses.append(status))
    content = b"".join(response)
    response.close()
    assert statuses[0].startswith("200"), (path, statuses, content)
    return json.loads(content) if content[:1] in {b"{", b"["} else {}


def use(application, key):
    body = {"messages": [{"role": "user", "content": "I drink tea."}], "user_id": "ada"}
    added = call(application, key, "POST", "/v3/memories/add/", body)
    address = f"/v1/memories/{added['results'][0]['id']}/"
    asked = {"query": "What does she drink?", "filters": {"user_id": "ada"}}
    call(application, key, "POST", "/v3/memories/search/", asked)
    call(application, key, "POST", "/v3/memories/", {"filters": {"user_id": "ada"}})
    call(application, key, "GET", "/v1/entities/")
    call(application, key, "GET", address)
    call(application, key, "PUT", address, {"text": "I drink coffee."})
    call(application, key, "GET", f"{address}history/")
    call(application, key, "DELETE", address)
    call(application, key, "GET", "/accounts/login/")


def live(key):
    from memoryhub import celery
    from memoryhub.wsgi import application

    celery.check_worker()
    use(application, key)
    run_schedule(celery.app)
    use(application, key)


def run_schedule(app):
    """All that beat starts, and what that starts, as a worker would."""
    from tests.support.eager import at_once

    app.loader.import_default_modules()
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert "telemetry.send" in names
    with at_once():
        for name in sorted(names):
            app.tasks[name].delay()


def main(key, *options):
    sys.addaudithook(watch)
    watch_threads()
    live(key)
    if options:
        give_the_guards_something()
    atexit._run_exitfuncs()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
