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
    {"AND": [{"user_id": "*"}, {"memory_ids": ["{id}"]}]},
    {
        "AND": [
            {"user_id": "*"},
            {"OR": [{"memory_ids": ["{id}"]}, {"keywords": {"contains": "x"}}]},
        ]
    },
]
WILDCARDS = [
    *({key: "*"} for key in KEYS),
    {"OR": [{key: "*"} for key in KEYS]},
    {"AND": [{"user_id": "*"}, {"NOT": [{"user_id": "ada"}]}]},
    {"user_id": {"ne": "ada"}, "agent_id": "*"},
    {"user_id": {"in": ["*"]}},
    {"AND": [{"user_id": "*"}, {"keywords": {"icontains": "TEA"}}]},
    {"AND": [{"user_id": "*"}, {"NOT": {"metadata": {"note": "ours"}}}]},
    {"AND": [{"user_id": "*"}, {"updated_at": {"gte": "2020-01-01"}}]},
]
PAGES = [{"page": "1", "page_size": "200"}, {"page": "2", "page_size": "1"}]
FILTERED = [{"filters": tree} for tree in (*TREES, *WILDCARDS)]
QUESTION = {"query": "Who drinks tea?", "threshold": 0, "top_k": 1000, "explain": True}
RETENTION = {f"{kind}_since": "use" for kind in EntityKind.values} | {"user_days": "90"}
TAKES_NOTHING = "takes no id"
GOVERNS = "of instance owners, who govern every tenant and every operator"
SCHEMA = {"properties": {"memories": {"type": "array", "items": {"type": "string"}}}}
CHOSEN = {
    "GET": [],
    "POST": [Ask(form={"memory": "{id}"} | sent) for sent in ({}, {"confirmed": "1"})],
}
HOOK = {"name": "x", "url": "https://hook.example/", "event_types": ["memory_add"]}
MESSAGES = [
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": {"user_id": "{name}"} | given},
    }
    for tool, given in (
        ("list_memories", {}),
        ("search_memories", {"query": "tea"}),
        ("get_memory", {"memory_id": "{id}"}),
        ("delete_memory", {"memory_id": "{id}"}),
        ("delete_all_memories", {}),
    )
]
ORGS = "api/v1/orgs/organizations/"
PROJECTS = f"{ORGS}<str:org_id>/projects/"
INSTANCE = "of the instance, for its owner, who is shown the hosts of all tenants"

ASKS: dict[str, dict[str, list[Ask]] | str] = {
    "healthz": TAKES_NOTHING,
    "readyz": TAKES_NOTHING,
    "": TAKES_NOTHING,
    "dashboard": TAKES_NOTHING,
    "person/": "its cookie is of one request",
    "person/copy/": "its cookie is of one request",
    "person/<str:token>/": {"GET": [], "POST": []},
    "accounts/login/": "operators belong to the instance",
    "accounts/logout/": TAKES_NOTHING,
    "accounts/reauthenticate/": TAKES_NOTHING,
    "accounts/password/change/": TAKES_NOTHING,
    "accounts/inactive/": TAKES_NOTHING,
    "accounts/factor/": TAKES_NOTHING,
    "accounts/factor/confirm/": TAKES_NOTHING,
    "accounts/factor/app/": TAKES_NOTHING,
    "accounts/factor/app/remove/": TAKES_NOTHING,
    "accounts/factor/codes/": TAKES_NOTHING,
    "accounts/factor/codes/new/": TAKES_NOTHING,
    "accounts/factors/": TAKES_NOTHING,
    "accounts/passkey/": TAKES_NOTHING,
    "accounts/passkey/confirm/": TAKES_NOTHING,
    "accounts/passkey/add/": TAKES_NOTHING,
    "accounts/passkey/<int:pk>/remove/": {"GET": [], "POST": []},
    "accounts/passkeys/": TAKES_NOTHING,
    "accounts/<str:provider_id>/login/": {"GET": [], "POST": []},
    "accounts/<str:provider_id>/login/callback/": {"GET": [], "POST": []},
    "accounts/cancelled/": TAKES_NOTHING,
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
    "api/v1/recall/": {"POST": [Ask(body=QUESTION | body) for body in FILTERED]},
    "v3/memories/search/": {"POST": [Ask(body=QUESTION | tree) for tree in FILTERED]},
    "v3/memories/": {
        "POST": [
            *(Ask(body=tree) for tree in FILTERED),
            *(Ask(body={"filters": {"user_id": "*"}}, query=page) for page in PAGES),
            Ask(body={"filters": {"user_id": "{name}"}}, query=PAGES[1]),
        ]
    },
    "v2/memories/search/": {"POST": [Ask(body=QUESTION | tree) for tree in FILTERED[:2]]},
    "v2/memories/": {"POST": [Ask(body=tree) for tree in FILTERED[:2]]},
    "v1/memories/search/": {
        "POST": [
            Ask(body=QUESTION | {"user_id": "{name}"}),
            Ask(body=QUESTION | {"user_id": "*", "metadata": {"note": "{name}"}}),
        ]
    },
    "v1/memories/events/": {"GET": [Ask(), *(Ask(query=page) for page in PAGES)]},
    **{
        f"v1/memories/{kind}/<any:name>/": {"GET": [Ask(path=f"/v1/memories/{kind}/{{name}}/")]}
        for kind in EntityKind.values
    },
    "v1/batch/": {
        "PUT": [Ask(body={"memories": [{"memory_id": "{id}", "text": "Taken over."}]})],
        "DELETE": [Ask(body={"memories": [{"memory_id": "{id}"}]})],
    },
    "v1/entities/filters/": {"GET": [Ask()]},
    "v1/entities/<str:kind>/<any:entity_id>/": {
        "DELETE": [Ask(path=f"/v1/entities/{kind}/{{id}}/") for kind in EntityKind.values]
    },
    "v2/entities/user/<any:name>/profile/": {
        "GET": [Ask(path="/v2/entities/user/{name}/profile/")]
    },
    "v2/entities/<str:kind>/<any:name>/": {
        method: [Ask(path=f"/v2/entities/{kind}/{{name}}/") for kind in EntityKind.values]
        for method in ("GET", "DELETE")
    },
    **{
        f"v1/{kind}s/": {"POST": [Ask(body={f"{kind}_id": "{name}", "name": "x"})]}
        for kind in EntityKind.values
    },
    "v1/feedback/": {"POST": [Ask(body={"memory_id": "{id}", "feedback": "POSITIVE"})]},
    "v1/exports/": {"POST": [Ask(body={"schema": SCHEMA} | tree) for tree in FILTERED[:3]]},
    "v1/exports/get/": {
        "POST": [Ask(body={"memory_export_id": "{id}"}), *(Ask(body=tree) for tree in FILTERED[:3])]
    },
    ORGS: {"GET": [Ask()], "POST": [Ask(body={"name": "x"})]},
    f"{ORGS}<str:org_id>/": {method: [Ask(path=f"/{ORGS}{{id}}/")] for method in ("GET", "DELETE")},
    f"{ORGS}<str:org_id>/members/": {
        method: [Ask(path=f"/{ORGS}{{id}}/members/")] for method in ("GET", "POST", "PUT", "DELETE")
    },
    PROJECTS: {method: [Ask(path=f"/{ORGS}{{id}}/projects/")] for method in ("GET", "POST")},
    f"{PROJECTS}<str:project_id>/": {
        "GET": [Ask(path=f"/{ORGS}{{id}}/projects/{{id}}/")],
        "PATCH": [Ask(path=f"/{ORGS}{{id}}/projects/{{id}}/", body={"name": "Taken over"})],
        "DELETE": [Ask(path=f"/{ORGS}{{id}}/projects/{{id}}/")],
    },
    f"{PROJECTS}<str:project_id>/members/": {
        method: [Ask(path=f"/{ORGS}{{id}}/projects/{{id}}/members/")]
        for method in ("GET", "POST", "PUT", "DELETE")
    },
    "api/v1/webhooks/projects/<str:project_id>/": {
        method: [Ask(path="/api/v1/webhooks/projects/{id}/", body=HOOK)]
        for method in ("GET", "POST")
    },
    "api/v1/webhooks/<str:webhook_id>/": {
        method: [Ask(path="/api/v1/webhooks/{id}/", body={"name": "Taken over"})]
        for method in ("PUT", "DELETE")
    },
    "v1/summary/": {"POST": [Ask(body=tree) for tree in FILTERED[:1]]},
    "v1/stats/": {"GET": [Ask()]},
    "v2/profiles/settings/": TAKES_NOTHING,
    "v2/profiles/jobs/": {"POST": [Ask(body={"entity_id": "{name}"})]},
    "v2/profiles/jobs/<any:job_id>/": {"GET": [Ask(path="/v2/profiles/jobs/{id}/")]},
    "v1/memories/": {
        "GET": [Ask(query={"user_id": "{name}"}), Ask(query=dict.fromkeys(KEYS, "*"))],
        "POST": [Ask(body={"messages": SAY, "infer": False, "user_id": "{name}"})],
        "DELETE": [
            Ask(),
            Ask(query={"user_id": "{name}"}),
            Ask(query={"user_id": "*", "run_id": "{name}"}),
            Ask(query={"agent_id": "{id}"}),
            *(Ask(query={"filters": json.dumps(tree)}) for tree in (*TREES, *WILDCARDS)),
            Ask(query=dict.fromkeys(KEYS, "*")),
            Ask(query={"user_id": "ada", "org_id": "{id}", "project_id": "{id}"}),
        ],
    },
    "v1/memories/<any:memory_id>/history/": {"GET": []},
    "v1/memories/<any:memory_id>/": {
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
    "v1/events/": {"GET": [Ask(), *(Ask(query=page) for page in PAGES)]},
    "v1/event/<any:event_id>/": {"GET": []},
    **{f"mcp{end}": {"POST": [Ask(body=message) for message in MESSAGES]} for end in ("", "/")},
    **{
        f"memories{end}": {
            "GET": [Ask(query={"user_id": "{name}"}), Ask(query=dict.fromkeys(KEYS, "*"))],
            "POST": [Ask(body={"messages": SAY, "infer": False, "user_id": "{name}"})],
            "DELETE": [Ask(query={"user_id": "{name}"}), Ask(query=dict.fromkeys(KEYS, "*"))],
        }
        for end in ("", "/")
    },
    **{
        f"search{end}": {
            "POST": [
                Ask(body=QUESTION | {"user_id": "{name}"}),
                Ask(body=QUESTION | {"user_id": "*", "filters": {"note": "{name}"}}),
            ]
        }
        for end in ("", "/")
    },
    **{
        f"memories/<any:memory_id>{end}": {
            "GET": [],
            "PUT": [Ask(body={"text": "Taken over."})],
            "DELETE": [],
        }
        for end in ("", "/")
    },
    **{f"memories/<any:memory_id>/history{end}": {"GET": []} for end in ("", "/")},
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
    "api/schema/": TAKES_NOTHING,
    "api/docs/": TAKES_NOTHING,
    "api/v1/tenant/": {"GET": [Ask()], "PATCH": [Ask(body={"name": "Taken over"})]},
    "api/v1/keys/": {
        "GET": [Ask(), *(Ask(query=page) for page in PAGES)],
        "POST": [Ask(body={"name": "{id}"})],
    },
    "api/v1/keys/<str:key_id>/": {"GET": [], "DELETE": []},
    "api/v1/audit/events/": {
        "GET": [
            Ask(),
            *(Ask(query={name: "{id}"}) for name in ("actor_id", "target_id", "before")),
        ]
    },
    "api/v1/audit/checkpoints/": {"GET": [Ask(), Ask(query={"before": "9"})]},
    "api/v1/audit/state/": {"GET": [Ask()]},
    "api/v1/telemetry/": TAKES_NOTHING,
    r"^(?:v\d+|api)/": {
        "GET": [Ask(path="/v1/memory/{id}/"), Ask(path="/api/v1/memories/{id}/")],
        "DELETE": [Ask(path="/v4/entities/user/{name}/")],
        "POST": [Ask(path="/v4/batch/", body={"memories": [{"memory_id": "{id}"}]})],
        "PUT": [Ask(path="/v4/batch/", body={"memories": [{"memory_id": "{id}", "text": "x"}]})],
    },
    "dashboard/": {
        "GET": [
            Ask(),
            Ask(query={"range": "30d", "table": "use"}),
            Ask(query={"range": "dates", "from": "2026-05-01", "to": "2026-05-02"}),
        ],
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
    "dashboard/entities/<uuid:entity_id>/reveal/": {
        "GET": [],
        "POST": [Ask(), Ask(form={"q": "tea"}), Ask(query={"before": "{id}"})],
    },
    "dashboard/entities/<uuid:entity_id>/messages/reveal/": {"GET": [], "POST": [Ask()]},
    **{
        f"dashboard/entities/<uuid:entity_id>/{tab}/": {
            "GET": [
                Ask(),
                Ask(path=f"/dashboard/entities/{{own}}/{tab}/", query={"before": "{id}"}),
            ],
            "POST": [],
        }
        for tab in ("deleted", "messages", "jobs", "requests", "recipients", "looked", "keys")
    },
    "dashboard/entities/<uuid:entity_id>/purge/": {
        "GET": [],
        "POST": [
            Ask(form={"all": "1"}),
            Ask(path="/dashboard/entities/{own}/purge/", form={"memory": "{id}"}),
        ],
    },
    "dashboard/purges/<uuid:purge_id>/": {"GET": [], "POST": [Ask(form={"typed": "ada"})]},
    "dashboard/entities/<uuid:entity_id>/export/": {
        "GET": [],
        "POST": [Ask(form={"kind": "access", "check": "document"})],
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
    "dashboard/retention/": {
        "GET": [],
        "POST": [Ask(form={"act": "preview", **RETENTION}), Ask(form=RETENTION)],
    },
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
    "dashboard/requests/<uuid:request_id>/redact/": {
        "GET": [],
        "POST": [Ask(form={"do": "reveal"}), Ask(form={"do": "save", "record": "{id}"})],
    },
    "dashboard/requests/<uuid:request_id>/link/": {"GET": [], "POST": []},
    "dashboard/requests/<uuid:request_id>/<move:move>/": {
        "GET": [],
        "POST": [Ask(form={"check": "document"})],
    },
    "dashboard/memories/": {
        "GET": [Ask()],
        "POST": [
            Ask(form={"q": "Who drinks tea?"}),
            Ask(form={"kind": "user", "entity": "{name}"}),
            Ask(form={"q": "tea", "kind": "user", "entity": "{name}"}),
            Ask(form={"before": "{id}"}),
            Ask(form={"after": "{id}"}),
            Ask(form={"state": "deleted"}),
            Ask(form={"key": "note"}),
        ],
    },
    "dashboard/memories/chosen/delete/": CHOSEN,
    "dashboard/memories/chosen/expire/": CHOSEN,
    "dashboard/memories/reveal/": {
        "GET": [],
        "POST": [Ask(), Ask(form={"q": "tea"}), Ask(form={"before": "{id}"})],
    },
    "dashboard/memories/export/": {
        "GET": [],
        "POST": [
            Ask(form={"kind": "user", "entity": "{name}"}),
            Ask(form={"kind": "user", "entity": "{name}", "key": "note"}),
        ],
    },
    "dashboard/exports/": {"GET": [Ask()], "POST": []},
    "dashboard/exports/<uuid:export_id>/": {"GET": [], "POST": []},
    "dashboard/exports/<uuid:export_id>/download/": {"GET": [], "POST": []},
    "dashboard/exports/<uuid:export_id>/remove/": {"GET": [], "POST": []},
    "dashboard/memories/<uuid:memory_id>/": {"GET": [], "POST": []},
    "dashboard/memories/<uuid:memory_id>/correct/": {
        "GET": [],
        "POST": [Ask(form={"text": "Taken over."})],
    },
    "dashboard/memories/<uuid:memory_id>/reveal/": {"GET": [], "POST": [Ask()]},
    "dashboard/memories/<uuid:memory_id>/edit/": {"GET": [], "POST": [Ask(form={"text": "x"})]},
    "dashboard/memories/<uuid:memory_id>/expire/": {"GET": [], "POST": []},
    "dashboard/memories/<uuid:memory_id>/delete/": {"GET": [], "POST": []},
    "dashboard/playground/": {
        "GET": [Ask()],
        "POST": [Ask(form={"act": "recall", "user": "{name}", "text": "Who drinks tea?"})],
    },
    "dashboard/playground/reveal/": {
        "GET": [],
        "POST": [Ask(form={"user": "{name}", "text": "Who drinks tea?"})],
    },
    "dashboard/demo/": TAKES_NOTHING,
    "dashboard/demo/remove/": TAKES_NOTHING,
    "dashboard/about/": TAKES_NOTHING,
    "dashboard/help/": TAKES_NOTHING,
    "dashboard/help/<page:slug>/": {"GET": [], "POST": []},
    "dashboard/health/": "of the instance, for its owner; counts and states only",
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
    "dashboard/keys/": {"GET": [Ask()], "POST": []},
    "dashboard/keys/create/": TAKES_NOTHING,
    "dashboard/keys/<uuid:key_id>/revoke/": {"GET": [], "POST": []},
    "dashboard/extraction/": TAKES_NOTHING,
    "dashboard/extraction/hosts/": TAKES_NOTHING,
    "dashboard/extraction/try/": TAKES_NOTHING,
    "dashboard/jobs/": {"GET": [Ask(), Ask(query={"before": "{id}"})], "POST": []},
    "dashboard/jobs/<uuid:job_id>/": {"GET": [], "POST": []},
    "dashboard/jobs/<uuid:job_id>/retry/": {"GET": [], "POST": []},
    "dashboard/jobs/<uuid:job_id>/reveal/": {"GET": [], "POST": []},
    "dashboard/webhooks/": {"GET": [Ask()], "POST": []},
    "dashboard/webhooks/create/": TAKES_NOTHING,
    "dashboard/webhooks/<uuid:webhook_id>/": {"GET": [], "POST": []},
    "dashboard/webhooks/<uuid:webhook_id>/change/": {
        "GET": [],
        "POST": [
            Ask(
                form={
                    "name": "Taken over",
                    "url": "https://taken.example/",
                    "event_types": "memory_add",
                    "state": "on",
                }
            )
        ],
    },
    "dashboard/webhooks/<uuid:webhook_id>/delete/": {"GET": [], "POST": []},
    "dashboard/webhooks/<uuid:webhook_id>/test/": {"GET": [], "POST": []},
    "dashboard/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/retry/": {
        "GET": [],
        "POST": [],
    },
    "dashboard/operators/": {"GET": [Ask()], "POST": []},
    "dashboard/operators/invite/": TAKES_NOTHING,
    "dashboard/operators/<uuid:operator_id>/role/": {
        "GET": [],
        "POST": [Ask(form={"role": "viewer"})],
    },
    "dashboard/operators/<uuid:operator_id>/remove/": {"GET": [], "POST": []},
    "dashboard/operators/invitations/<uuid:invitation_id>/withdraw/": {"GET": [], "POST": []},
    "dashboard/instance/tenants/": GOVERNS,
    "dashboard/instance/tenants/create/": GOVERNS,
    "dashboard/instance/tenants/<uuid:tenant_id>/": GOVERNS,
    "dashboard/instance/operators/": GOVERNS,
    "dashboard/instance/operators/<uuid:operator_id>/": GOVERNS,
    "invitation/<str:token>/": {"GET": [], "POST": []},
    "dashboard/account/": TAKES_NOTHING,
    "dashboard/account/sessions/end/": TAKES_NOTHING,
    "dashboard/account/sessions/<int:session_id>/end/": {"GET": [], "POST": []},
    "dashboard/theme/": {
        "GET": [],
        "POST": [Ask(form={"theme": "dark", "next": "/dashboard/memories/{id}/"})],
    },
    "dashboard/tenant/": {"GET": [], "POST": [Ask(form={"tenant": "{id}"})]},
    "dashboard/components/": {"GET": [Ask()], "POST": []},
    "dashboard/vectors/": GOVERNS,
    "dashboard/vectors/renew/": TAKES_NOTHING,
    "dashboard/leaving/": {"GET": [Ask()], "POST": [Ask(form={"typed": "{name}"})]},
    "dashboard/leaving/copy/": {"GET": [], "POST": []},
    "dashboard/leaving/certificate/": {"GET": [Ask()], "POST": []},
    "dashboard/hygiene/": {"GET": [], "POST": [Ask(form={"try": "1", "text": "{name}"})]},
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
