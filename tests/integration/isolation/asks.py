"""What can be asked at each route with somebody else's ids. A route that is missing here fails.

`{id}` stands for a UUID and `{name}` for an application's own id of an entity. Ids in the path of
a route are filled in by the sweep itself.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from apps.memories.enums import EntityKind

SLOTS = ("id", "name")


@dataclass(frozen=True)
class Ask:
    """What is sent besides the path. A form for pages, else JSON."""

    query: dict[str, str] | None = None
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    path: str | None = None  # instead of the route's own

    def fill(self, text: str, values: dict[str, str]) -> str:
        for slot, value in values.items():
            text = text.replace(f"{{{slot}}}", value)
        return text

    def url(self, path: str, values: dict[str, str]) -> str:
        path = quote(self.fill(self.path or path, values))
        query = {key: self.fill(value, values) for key, value in (self.query or {}).items()}
        return f"{path}?{urlencode(query)}" if query else path

    def payload(self, values: dict[str, str]) -> tuple[str, bytes]:
        if self.form is not None:
            filled = {key: self.fill(value, values) for key, value in self.form.items()}
            return "application/x-www-form-urlencoded", urlencode(filled).encode()
        text = "" if self.body is None else self.fill(json.dumps(self.body), values)
        return "application/json", text.encode()

    def slots(self, path: str) -> list[str]:
        text = f"{self.path or path} {self.query} {self.body} {self.form}"
        return [slot for slot in SLOTS if f"{{{slot}}}" in text]

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.path, self.query, self.body, self.form) if part)


KEYS = [f"{kind}_id" for kind in EntityKind.values]
SAY = [{"role": "user", "content": "I drink tea."}]
TREES = [
    {"user_id": "{name}"},
    {"OR": [{key: "{name}"} for key in KEYS]},
    {"OR": [{key: "{id}"} for key in KEYS]},
    {"user_id": {"in": ["{name}", "ada"]}},
    {"OR": [{"user_id": "ada"}, {"run_id": "{name}"}]},
    {"AND": [{"user_id": "*"}, {"user_id": {"ne": "{name}"}}]},
    {"AND": [{"user_id": "*"}, {"NOT": [{"app_id": "{name}"}]}]},
]
WILDCARDS = [
    *({key: "*"} for key in KEYS),
    {"OR": [{key: "*"} for key in KEYS]},
    {"AND": [{"user_id": "*"}, {"NOT": [{"user_id": "ada"}]}]},
    {"user_id": {"ne": "ada"}, "agent_id": "*"},
    {"user_id": {"in": ["*"]}},
]
PAGES = [{"page": "1", "page_size": "200"}, {"page": "2", "page_size": "1"}]
FILTERED = [{"filters": tree} for tree in (*TREES, *WILDCARDS)]
QUESTION = {"query": "Who drinks tea?", "threshold": 0, "top_k": 1000, "explain": True}
TAKES_NOTHING = "takes no id"
INSTANCE = "of the instance, for its owner, who is shown the hosts of all tenants"

ASKS: dict[str, dict[str, list[Ask]] | str] = {
    "healthz": TAKES_NOTHING,
    "readyz": TAKES_NOTHING,
    "": TAKES_NOTHING,
    "dashboard": TAKES_NOTHING,
    "person/": "its cookie is of one request",
    "person/copy/": "its cookie is of one request",
    "person/<str:token>/": {"GET": []},
    "accounts/login/": "operators belong to the instance",
    "accounts/logout/": TAKES_NOTHING,
    "accounts/reauthenticate/": TAKES_NOTHING,
    "accounts/password/change/": TAKES_NOTHING,
    "accounts/inactive/": TAKES_NOTHING,
    "v1/ping/": {"GET": [Ask(), Ask(query={"org_id": "{id}", "project_id": "{id}"})]},
    "v3/memories/add/": {
        "POST": [
            Ask(body={"messages": SAY, "run_id": "{name}"}),
            Ask(body={"messages": SAY} | dict.fromkeys(KEYS, "{name}")),
            Ask(body={"messages": SAY, "filters": {"user_id": "{name}"}}),
            Ask(body={"messages": SAY, "user_id": "{id}", "run_id": "{id}"}),
            Ask(body={"messages": SAY, "user_id": "ada", "org_id": "{id}", "project_id": "{id}"}),
            Ask(body={"messages": [SAY[0] | {"name": "{name}"}], "user_id": "ada"}),
            Ask(body={"messages": SAY, "user_id": "ada", "metadata": {"memory_id": "{id}"}}),
        ]
    },
    "v3/memories/search/": {"POST": [Ask(body=QUESTION | tree) for tree in FILTERED]},
    "v3/memories/": {
        "POST": [
            *(Ask(body=tree) for tree in FILTERED),
            *(Ask(body={"filters": {"user_id": "*"}}, query=page) for page in PAGES),
            Ask(body={"filters": {"user_id": "{name}"}}, query=PAGES[1]),
        ]
    },
    "v1/memories/": {
        "DELETE": [
            Ask(),
            Ask(query={"user_id": "{name}"}),
            Ask(query={"user_id": "*", "run_id": "{name}"}),
            Ask(query={"agent_id": "{id}"}),
            *(Ask(query={"filters": json.dumps(tree)}) for tree in (*TREES, *WILDCARDS)),
            Ask(query=dict.fromkeys(KEYS, "*")),
            Ask(query={"user_id": "ada", "org_id": "{id}", "project_id": "{id}"}),
        ]
    },
    "v1/memories/<path:memory_id>/history/": {"GET": []},
    "v1/memories/<path:memory_id>/": {
        "GET": [],
        "PUT": [
            Ask(body={"text": "Taken over."}),
            Ask(body={"text": ""}),
            Ask(body={"metadata": {"owner": "me"}}),
            Ask(body={"expiration_date": "2020-01-01"}),
        ],
        "DELETE": [Ask(query={"delete_linked": "true"})],
    },
    "v1/entities/": {
        "GET": [Ask(), *(Ask(query=page) for page in PAGES), Ask(query={"user_id": "{name}"})]
    },
    "api/v1/privacy/requests/": {
        "GET": [Ask(), *(Ask(query=page) for page in PAGES)],
        "POST": [
            *(
                Ask(body={"kind": kind, "user_id": "{name}"})
                for kind in ("access", "portability", "erasure", "restriction", "objection")
            ),
            Ask(body={"kind": "access", "user_id": "ada", "reference": "{id}"}),
            Ask(
                body={
                    "kind": "rectification",
                    "user_id": "ada",
                    "corrections": [{"memory_id": "{id}", "text": "Taken over."}],
                }
            ),
        ],
    },
    "api/v1/privacy/requests/<str:request_id>/": {"GET": []},
    "api/v1/privacy/requests/<str:request_id>/download/": {"GET": []},
    "api/v1/privacy/requests/<str:request_id>/certificate/": {"GET": []},
    r"^(?:v\d+|api)/": {
        "GET": [Ask(path="/v1/entities/user/{name}/"), Ask(path="/api/v1/memories/{id}/")],
        "DELETE": [Ask(path="/v2/entities/user/{name}/"), Ask(path="/v1/batch/")],
        "POST": [Ask(path="/v1/batch/", body={"memories": [{"memory_id": "{id}"}]})],
        "PUT": [Ask(path="/v1/batch/", body={"memories": [{"memory_id": "{id}", "text": "x"}]})],
    },
    "dashboard/": {
        "GET": [Ask(), Ask(query={"range": "30", "table": "added"})],
        "POST": [],
    },
    "dashboard/find/": {
        "GET": [Ask(query={"q": "{id}"})],
        "POST": [Ask(form={"q": "{id}"}), Ask(form={"q": "{name}"}), Ask(form={"q": "a"})],
    },
    "dashboard/entities/": {"GET": [Ask()], "POST": []},
    "dashboard/entities/<kind:kind>/": {
        "GET": [Ask(), Ask(query={"page": "2"}), Ask(query={"order": "size"})],
        "POST": [Ask(form={"q": "{name}"}), Ask(form={"q": "{id}"}), Ask(form={"q": "a"})],
    },
    "dashboard/entities/<uuid:entity_id>/": {
        "GET": [
            Ask(query={"before": "{id}"}),
            *(
                Ask(path="/dashboard/entities/{own}/", query={name: "{id}"})
                for name in ("before", "after")
            ),
        ],
        "POST": [
            Ask(form={"q": "tea"}),
            Ask(path="/dashboard/entities/{own}/", form={"q": "Who drinks tea?"}),
        ],
    },
    "dashboard/entities/<uuid:entity_id>/erase/": {
        "GET": [],
        "POST": [Ask(form={"check": "document", "typed": "ada"})],
    },
    "dashboard/entities/<uuid:entity_id>/hold/": {
        "GET": [],
        "POST": [Ask(form={"hold": "set"}), Ask(form={"hold": "lift"})],
    },
    "dashboard/requests/": {"GET": [Ask(), Ask(query={"show": "all"})], "POST": []},
    "dashboard/requests/settings/": {"GET": [], "POST": [Ask(form={"controller": "{name}"})]},
    "dashboard/requests/new/": {
        "GET": [Ask()],
        "POST": [
            Ask(
                form={
                    "kind": "access",
                    "subject_kind": "user",
                    "subject_name": "{name}",
                    "received_on": "2026-05-01",
                }
            )
        ],
    },
    "dashboard/requests/<uuid:request_id>/": {"GET": [], "POST": []},
    "dashboard/requests/<uuid:request_id>/certificate/": {"GET": [], "POST": []},
    "dashboard/requests/<uuid:request_id>/download/": {"GET": [], "POST": []},
    "dashboard/requests/<uuid:request_id>/link/": {"GET": [], "POST": []},
    "dashboard/requests/<uuid:request_id>/<move:move>/": {
        "GET": [],
        "POST": [Ask(form={"check": "document"})],
    },
    "dashboard/memories/<uuid:memory_id>/": {"GET": [], "POST": []},
    "dashboard/audit/": {
        "GET": [
            Ask(),
            *(Ask(query={name: "{id}"}) for name in ("before", "after", "who", "target")),
            Ask(query={"action": "memory.add", "outcome": "done", "target": "{id}"}),
        ],
        "POST": [],
    },
    "dashboard/audit/verify/": TAKES_NOTHING,
    "dashboard/audit/export/": TAKES_NOTHING,
    "dashboard/audit/reads/": TAKES_NOTHING,
    "dashboard/audit/<uuid:event_id>/": {"GET": [], "POST": []},
    "dashboard/audit/<uuid:event_id>/reveal/": {"GET": [], "POST": []},
    "dashboard/instance/audit/": "the instance's trail is no tenant's",
    "dashboard/instance/audit/verify/": TAKES_NOTHING,
    "dashboard/instance/audit/export/": TAKES_NOTHING,
    "dashboard/instance/audit/<uuid:event_id>/": {"GET": [], "POST": []},
    "dashboard/instance/audit/<uuid:event_id>/reveal/": {"GET": [], "POST": []},
    "dashboard/theme/": {
        "GET": [],
        "POST": [Ask(form={"theme": "dark", "next": "/dashboard/memories/{id}/"})],
    },
    "dashboard/tenant/": {"GET": [], "POST": [Ask(form={"tenant": "{id}"})]},
    "dashboard/components/": {"GET": [Ask()], "POST": []},
    "dashboard/hosts/": {"GET": [Ask()], "POST": []},
    "dashboard/telemetry/": INSTANCE,
    "dashboard/telemetry/switch/": INSTANCE,
    "dashboard/telemetry/rotate/": INSTANCE,
    "dashboard/telemetry/delete/": INSTANCE,
    "dashboard/telemetry/download/": INSTANCE,
    "dashboard/telemetry/sent/<uuid:report_id>/": {"GET": [], "POST": []},
    "dashboard/telemetry/sent/<uuid:report_id>/body/": {"GET": [], "POST": []},
    "dashboard/isolation/": TAKES_NOTHING,
    "dashboard/isolation/prove/": TAKES_NOTHING,
}
