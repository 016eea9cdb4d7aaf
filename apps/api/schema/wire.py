"""The operations of the mem0 wire, and of the paths of its own server."""

from apps.api.schema.operations import Operation, Parameter, Table, refuse
from apps.api.schema.parameters import AS_JSON, NARROWED, PAGE, PAGES, REPEAT, WHO
from apps.api.schema.shapes import (
    ANY,
    BOOL,
    COUNT,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    UUID,
    answer,
    list_of,
    message,
    one_of,
    or_null,
    page_of,
    ref,
    say,
)
from apps.api.views import (
    batches,
    entities,
    events,
    exports,
    feedback,
    mcp,
    memories,
    memory,
    old_memories,
    open_source_memories,
    ping,
    projects,
    summary,
    totals,
    unavailable,
    webhooks,
)
from apps.memories.enums import EntityKind

HITS = answer(results=list_of(ref("Hit")))
OLD_ADDED = {
    "anyOf": [
        list_of(ref("OldAdded")),
        answer(results=list_of(ref("OldAdded")), relations=list_of(ANY)),
    ]
}
OLD_HITS = {
    "anyOf": [list_of(ref("Hit")), answer(results=list_of(ref("Hit")), relations=list_of(ANY))]
}
CHOSEN = list_of(ref("ChosenMemory"))
DELETED = answer(message=TEXT, event_id=or_null(UUID))
TOTALS = {f"total_{kind.value}s": COUNT for kind in EntityKind}
ENTITIES = page_of(ref("Entity"))
ENTITIES = {
    **ENTITIES,
    "properties": {**ENTITIES["properties"], **TOTALS},
    "required": [*ENTITIES["required"], *TOTALS],
}
COUNTS = dict.fromkeys(
    (
        "total_memories",
        "total_retrieval_events",
        "total_add_events",
        "total_api_retrieval_events",
        "total_users_with_memories",
        "total_agents_with_memories",
        "total_runs_with_memories",
    ),
    COUNT,
)
MEANS = dict.fromkeys(("memories_per_user", "memories_per_agent", "memories_per_run"), NUMBER)
MEMBERS = answer(
    members=list_of(answer(("username", "user_id"), username=TEXT, user_id=TEXT, role=TEXT))
)
SETTINGS = answer(enabled=BOOL, capabilities=OBJECT, entities=OBJECT)
VERBATIM = "Without an extractor, or with `infer` false, messages are kept as they are."
NOT_MANAGED = "Refuses: tenants and members are managed by operators"

MEMORIES: Table = {
    memories.MemoryAdd: {
        "POST": Operation("Add memories", ref("Accepted"), "AddMemories", REPEAT, about=VERBATIM)
    },
    memories.MemoryList: {
        "POST": Operation("List memories", page_of(ref("ChosenMemory")), "ListMemories", PAGES)
    },
    memories.MemorySearch: {"POST": Operation("Search memories", HITS, "SearchMemories")},
    memory.MemoryDetail: {
        "GET": Operation("Read a memory", ref("Memory")),
        "PUT": Operation("Change a memory", ref("Memory"), "UpdateMemory"),
        "DELETE": Operation(
            "Delete a memory with all its versions",
            answer(("cascade_count",), message=TEXT, cascade_count=COUNT),
            parameters=(Parameter("delete_linked", BOOL),),
        ),
    },
    memory.MemoryHistory: {"GET": Operation("History of a memory", list_of(ref("Version")))},
    batches.Batch: {
        "PUT": Operation("Change memories: all or none", message(), "BatchUpdate"),
        "DELETE": Operation("Delete memories: all or none", message(), "BatchDelete"),
    },
    old_memories.Memories: {
        "GET": Operation(
            "List memories by entity ids",
            {"anyOf": [CHOSEN, page_of(ref("ChosenMemory"))]},
            parameters=(*WHO, *NARROWED, *PAGES),
            about="An array; a page where `page` and `page_size` are both given.",
        ),
        "POST": Operation("Add memories", OLD_ADDED, "AddMemories", REPEAT, about=VERBATIM),
        "DELETE": Operation(
            "Delete all memories of the named entities",
            message(),
            parameters=(*WHO, *AS_JSON),
            about="An unknown or repeated parameter is 400 and never means everything.",
        ),
    },
    old_memories.MemorySearchV1: {
        "POST": Operation(
            "Search memories by entity ids", OLD_HITS, "SearchByIds", is_deprecated=True
        )
    },
    old_memories.MemoryListV2: {
        "POST": Operation("List memories", CHOSEN, "ListMemories", PAGES, is_deprecated=True)
    },
    old_memories.MemorySearchV2: {
        "POST": Operation(
            "Search memories", list_of(ref("Hit")), "SearchMemories", is_deprecated=True
        )
    },
    totals.MemoryEvents: {
        "GET": Operation(
            "History of all memories",
            page_of(ref("Version")),
            parameters=(*PAGES, Parameter("limit", PAGES[1].shape, "The same as page_size.")),
        )
    },
    exports.Exports: {
        "POST": Operation(
            "Ask for an export by a JSON Schema",
            answer(message=TEXT, id=UUID),
            "NewExport",
            status=201,
        )
    },
    exports.ExportRead: {
        "POST": Operation(
            "Read an export",
            say(OBJECT, "In the form of the export's schema."),
            "ReadExport",
            about="By its id, or the newest with these filters. It is filled when it is read.",
        )
    },
    feedback.FeedbackGive: {"POST": Operation("Give feedback", ref("Feedback"), "GiveFeedback")},
}

ENTITY: Table = {
    entities.EntityList: {"GET": Operation("List entities", ENTITIES, parameters=PAGES)},
    entities.EntityFilters: {
        "GET": Operation(
            "What entities and memories can be asked for",
            answer(
                event_type=list_of(TEXT),
                categories=list_of(TEXT),
                users=list_of(or_null(TEXT)),
                parameters=list_of(
                    answer(name=TEXT, label=TEXT, type=TEXT, placeholder=TEXT, options=list_of(ANY))
                ),
            ),
        )
    },
    entities.EntityDetail: {
        "GET": Operation("Read an entity: an array of one or none", list_of(ref("Entity"))),
        "DELETE": Operation("Delete all memories of an entity", DELETED),
    },
    entities.OldEntity: {
        "DELETE": Operation(
            "Delete all memories of an entity by our id", DELETED, is_deprecated=True
        )
    },
    entities.EntityMake: {
        "POST": Operation(
            "Make an entity before its first memory", ref("MadeEntity"), "NewEntity", status=201
        )
    },
    entities.EntityMemories: {
        "GET": Operation(
            "List memories of one entity", page_of(ref("ListedMemory")), parameters=PAGE
        )
    },
    unavailable.Profile: {
        "GET": Operation(
            "Profile of a user, which is never made here",
            answer(
                profile=NULL,
                status=one_of(["not_enabled"]),
                entity_type=TEXT,
                entity_id=TEXT,
                updated_at=NULL,
                generation_count=COUNT,
            ),
        )
    },
    unavailable.ProfileSettings: {
        "GET": Operation("Settings of profiles: off", SETTINGS),
        "POST": Operation("Settings of profiles: stay off", SETTINGS, "ProfileSettings"),
    },
    unavailable.ProfileJobs: {"POST": refuse("Refuses: profiles are not made here")},
    unavailable.ProfileJob: {"GET": refuse("Answers 404: profiles are not made here")},
}

JOBS: Table = {
    events.EventList: {"GET": Operation("List jobs", page_of(ref("Job")), parameters=PAGES)},
    events.EventDetail: {"GET": Operation("Read a job", ref("Job"))},
    totals.Stats: {
        "GET": Operation(
            "Count memories, entities and events",
            answer(**COUNTS, total_retrieval_events_limit=NULL, **MEANS),
        )
    },
    summary.Summary: {
        "POST": Operation(
            "Summarise an entity's memories, in a job of the language model",
            list_of(ref("Summary")),
            "SummaryWish",
        )
    },
    ping.Ping: {
        "GET": Operation(
            "Whose key this is", answer(status=TEXT, org_id=UUID, project_id=UUID, user_email=NULL)
        )
    },
}

PROJECTS: Table = {
    projects.Organisations: {
        "GET": Operation("The tenant as an organisation", list_of(ref("Organisation"))),
        "POST": refuse(NOT_MANAGED),
    },
    projects.Organisation: {
        "GET": Operation("The tenant as an organisation", ref("Organisation")),
        "DELETE": refuse(NOT_MANAGED),
    },
    projects.Members: {
        "GET": Operation("Operators of the tenant", MEMBERS),
        **dict.fromkeys(("POST", "PUT", "DELETE"), refuse(NOT_MANAGED)),
    },
    projects.Projects: {
        "GET": Operation("The tenant as a project", list_of(ref("Project"))),
        "POST": refuse(NOT_MANAGED),
    },
    projects.ProjectDetail: {
        "GET": Operation("The tenant as a project", ref("Project")),
        "PATCH": Operation("Configure the tenant", message(), "ChangeProject"),
        "DELETE": refuse(NOT_MANAGED),
    },
    webhooks.Webhooks: {
        "GET": Operation("List webhooks", list_of(ref("Webhook"))),
        "POST": Operation("Make a webhook", ref("Webhook"), "NewWebhook", status=201),
    },
    webhooks.WebhookDetail: {
        "PUT": Operation("Change a webhook", message(), "ChangeWebhook"),
        "DELETE": Operation("Delete a webhook", message()),
    },
}

OPEN_SOURCE: Table = {
    open_source_memories.Memories: {
        "GET": Operation(
            "List memories", answer(results=CHOSEN), parameters=(*WHO, *NARROWED, *PAGES)
        ),
        "POST": Operation(
            "Add memories", answer(results=list_of(ref("OldAdded"))), "AddMemories", REPEAT
        ),
        "DELETE": Operation(
            "Delete all memories of the named entities", message(), parameters=(*WHO, *AS_JSON)
        ),
    },
    open_source_memories.Search: {"POST": Operation("Search memories", HITS, "SearchOpenSource")},
    open_source_memories.History: {
        "GET": Operation("History of a memory", list_of(ref("OpenSourceVersion")))
    },
    open_source_memories.Memory: {
        **MEMORIES[memory.MemoryDetail],
        "PUT": Operation("Change a memory", message(), "UpdateOpenSource"),
    },
}

MCP: Table = {
    mcp.Mcp: {
        "POST": Operation(
            "One message of the Model Context Protocol",
            OBJECT,
            "RpcMessage",
            others={
                202: {"description": "A notification is taken, without a body."},
                400: {
                    "description": "A JSON-RPC error, or an error of ours.",
                    "content": {"application/json": {"schema": OBJECT}},
                },
            },
        )
    }
}
