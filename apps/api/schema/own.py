"""The operations of our own paths."""

from apps.api.schema.operations import Operation, Parameter, Table
from apps.api.schema.parameters import EVENTS, PAGES, REPEAT, SIZE
from apps.api.schema.shapes import OBJECT, TEXT, message, older_of, page_of, ref, say
from apps.api.views import own, privacy, recall

COPY = say({**TEXT, "contentMediaType": "application/zip"}, "One ZIP.")
BEFORE = Parameter(
    "before",
    {"type": "integer", "minimum": 1},
    "Only checkpoints with a smaller number.",
)

REQUESTS: Table = {
    privacy.RequestList: {
        "GET": Operation("List requests of persons", page_of(ref("Request")), parameters=PAGES),
        "POST": Operation(
            "Open a request of a person", ref("Request"), "NewRequest", REPEAT, status=201
        ),
    },
    privacy.RequestDetail: {"GET": Operation("Read a request", ref("Request"))},
    privacy.RequestDownload: {"GET": Operation("Download the copy", COPY, media="application/zip")},
    privacy.RequestCertificate: {
        "GET": Operation(
            "Read the newest certificate of an erasure", say(OBJECT, "As it was signed.")
        )
    },
}

RECALL: Table = {
    recall.Recall: {
        "POST": Operation(
            "Recall memories as one text",
            ref("Recalled"),
            "Recall",
            about="The best first, whole ones only, never above `max_tokens`.",
        )
    }
}

TENANT: Table = {
    own.OwnTenant: {
        "GET": Operation("The key's own tenant", ref("Tenant")),
        "PATCH": Operation("Rename the tenant", ref("Tenant"), "ChangeTenant"),
    },
    own.KeyList: {
        "GET": Operation("List API keys", page_of(ref("ApiKey")), parameters=PAGES),
        "POST": Operation(
            "Make an API key",
            ref("ApiKey"),
            "NewKey",
            status=201,
            about="Its text is in this answer alone.",
        ),
    },
    own.KeyDetail: {
        "GET": Operation("Read an API key", ref("ApiKey")),
        "DELETE": Operation("Revoke an API key", message()),
    },
}

AUDIT: Table = {
    own.AuditEvents: {
        "GET": Operation(
            "List audit events",
            older_of(ref("AuditEvent")),
            parameters=(*EVENTS, *SIZE),
            about="Newest first; personal details are not told.",
        )
    },
    own.AuditCheckpoints: {
        "GET": Operation(
            "List signed checkpoints", older_of(ref("Checkpoint")), parameters=(BEFORE, *SIZE)
        )
    },
    own.AuditState: {"GET": Operation("How the audit trail stands", ref("TrailState"))},
}

TELEMETRY: Table = {
    own.Telemetry: {"GET": Operation("Whether usage reports are sent", ref("Telemetry"))}
}
