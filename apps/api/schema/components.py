"""What the server answers, by name."""

from apps.api.schema.shapes import (
    BOOL,
    COUNT,
    DAY,
    MOMENT,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    UUID,
    Shape,
    answer,
    list_of,
    map_of,
    one_of,
    or_null,
    ref,
    say,
)
from apps.audit.actions import Action, Outcome
from apps.audit.domain.verification import Kind
from apps.audit.enums import Place
from apps.common.actor import ActorKind
from apps.memories.enums import (
    EntityKind,
    FeedbackVerdict,
    JobError,
    JobState,
    MessageRole,
    Verdict,
    VersionEvent,
    WebhookEvent,
)
from apps.privacy.enums import RequestKind, RequestState
from apps.tenants.enums import ApiScope, ReadAudit

NAMES = {f"{kind.value}_id": or_null(TEXT) for kind in EntityKind}
METADATA = or_null(OBJECT)
CATEGORIES = or_null(list_of(TEXT))
MEMBER = answer(role=TEXT, email=TEXT, username=TEXT)

VERSION = {
    "id": UUID,
    "memory_id": UUID,
    "input": list_of(ref("Message")),
    "old_memory": or_null(TEXT),
    "new_memory": or_null(TEXT),
    "event": one_of(VersionEvent),
    **NAMES,
    "session_id": or_null(TEXT),
    "categories": CATEGORIES,
    "metadata": METADATA,
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
REDACTED = say(map_of(COUNT), "How often what was taken out of the texts.")

ERROR = answer(
    ("field", "message"),
    detail=say(TEXT, "What is wrong, and what is allowed."),
    error=say(TEXT, "The same."),
    field=say(TEXT, "The part of the request that is at fault."),
    message=say(TEXT, "The same, where clients read it by this name."),
)

MEMORY = answer(
    id=UUID,
    memory=or_null(TEXT),
    **NAMES,
    session_id=or_null(TEXT),
    metadata=METADATA,
    categories=CATEGORIES,
    created_at=MOMENT,
    updated_at=MOMENT,
    expiration_date=or_null(DAY),
    structured_attributes=answer(
        **dict.fromkeys(
            ("day", "month", "year", "quarter", "day_of_year", "week_of_year", "hour", "minute"),
            COUNT,
        ),
        is_weekend=BOOL,
        day_of_week=TEXT,
    ),
    inferred=say(or_null(OBJECT), "What extraction made out: dates and what is likely."),
    replaced_by=or_null(UUID),
    synthesized=BOOL,
    lifecycle_state=one_of(("active", "superseded")),
)
PARTLY: Shape = {**MEMORY, "required": ["id"]}  # `fields` chooses which
SCORE = dict.fromkeys(("semantic", "bm25", "entity", "date"), or_null(NUMBER))

SCHEMAS: dict[str, Shape] = {
    "Error": ERROR,
    "Memory": MEMORY,
    "ChosenMemory": say(PARTLY, "All fields, or those that `fields` names, and the id."),
    "Hit": {
        **PARTLY,
        "properties": {
            **MEMORY["properties"],
            "score": NUMBER,
            "score_breakdown": answer(
                **SCORE,
                adds=answer(**dict.fromkeys(("semantic", "bm25", "near", "time"), or_null(NUMBER))),
            ),
        },
        "required": ["id", "score"],
    },
    "Message": answer(role=TEXT, content=or_null(TEXT)),
    "Version": answer(**VERSION),
    "OpenSourceVersion": answer(
        **VERSION, is_deleted=BOOL, actor_id=or_null(TEXT), role=one_of(MessageRole)
    ),
    "Recalled": answer(
        text=TEXT,
        tokens=COUNT,
        tokenizer=say(TEXT, "What has counted the tokens."),
        sources=list_of(answer(id=UUID, score=NUMBER, created_at=MOMENT)),
    ),
    "ListedMemory": answer(
        id=UUID,
        memory=or_null(TEXT),
        metadata=METADATA,
        categories=CATEGORIES,
        created_at=MOMENT,
        updated_at=MOMENT,
        input=list_of(ref("Message")),
        is_updated=BOOL,
    ),
    "Added": answer(
        ("reason", "reason_text", "replaced"),
        id=or_null(UUID),
        data=answer(memory=or_null(TEXT)),
        event=one_of(("ADD", "NOOP")),
        reason=one_of(Verdict),
        reason_text=TEXT,
        replaced=list_of(UUID),
    ),
    "Accepted": answer(
        ("results", "error", "redacted"),
        message=TEXT,
        status=one_of(JobState),
        event_id=or_null(UUID),
        results=list_of(ref("Added")),
        error=TEXT,
        redacted=REDACTED,
    ),
    "OldAdded": {
        "anyOf": [
            answer(id=or_null(UUID), event=one_of(("ADD", "NOOP")), memory=or_null(TEXT)),
            ref("Accepted"),
        ]
    },
    "Job": answer(
        id=UUID,
        event_type=TEXT,
        status=one_of(JobState),
        payload=answer(("redacted",), **NAMES, messages=COUNT, done=COUNT, redacted=REDACTED),
        metadata=METADATA,
        results=list_of(ref("Added")),
        created_at=MOMENT,
        updated_at=MOMENT,
        started_at=or_null(MOMENT),
        completed_at=or_null(MOMENT),
        latency=say(or_null(NUMBER), "Milliseconds."),
        error=or_null(TEXT),
        error_code=or_null(one_of(JobError)),
        graph_status=NULL,
    ),
    "Summary": answer(
        id=UUID,
        event_id=UUID,
        status=one_of(JobState),
        summary=say(or_null(TEXT), "Null until the job has succeeded: ask again."),
        memories=say(or_null(COUNT), "Of how many it was made."),
        created_at=MOMENT,
        updated_at=MOMENT,
    ),
    "Entity": answer(
        id=UUID,
        name=or_null(TEXT),
        type=one_of(EntityKind),
        owner=TEXT,
        metadata=METADATA,
        created_at=MOMENT,
        updated_at=or_null(MOMENT),
        total_memories=COUNT,
    ),
    "MadeEntity": answer(
        ("name", *NAMES),
        id=COUNT,
        name=TEXT,
        **dict.fromkeys(NAMES, TEXT),
        metadata=METADATA,
        created_at=MOMENT,
        updated_at=or_null(MOMENT),
        is_deleted=BOOL,
        project=COUNT,
    ),
    "Feedback": answer(
        id=UUID, feedback=or_null(one_of(FeedbackVerdict)), feedback_reason=or_null(TEXT)
    ),
    "Member": {**MEMBER, "required": ["role", "email"]},
    "Organisation": answer(
        org_id=UUID,
        name=TEXT,
        created_at=MOMENT,
        updated_at=MOMENT,
        members=list_of(
            {
                **MEMBER,
                "properties": {**MEMBER["properties"], "user_id": TEXT},
                "required": ["role", "email"],
            }
        ),
        is_default=BOOL,
        byok_enabled=BOOL,
        invitations=list_of(OBJECT),
        owner_pricing_plan=NULL,
        is_owner=BOOL,
        user_role=TEXT,
    ),
    "Project": answer(
        project_id=UUID,
        name=TEXT,
        created_at=MOMENT,
        updated_at=MOMENT,
        members=list_of(ref("Member")),
        is_default=BOOL,
        user_role=TEXT,
        **dict.fromkeys(
            ("description", "custom_instructions", "agent_custom_instructions", "memory_depth"),
            or_null(TEXT),
        ),
        custom_categories=or_null(list_of(OBJECT)),
        **dict.fromkeys(("multilingual", "decay", "enable_graph"), BOOL),
        usecase=or_null(TEXT),
        version=or_null(TEXT),
        **dict.fromkeys(
            (
                "expiration_date",
                "inclusion_prompt",
                "exclusion_prompt",
                "update_custom_instructions",
                "summary_custom_instructions",
                "summary_batch_size",
                "summary_max_tokens",
                "active_prompt_profile",
            ),
            NULL,
        ),
    ),
    "Webhook": answer(
        ("secret",),
        webhook_id=COUNT,
        name=TEXT,
        url=TEXT,
        event_types=list_of(one_of(WebhookEvent)),
        owner=TEXT,
        is_active=BOOL,
        project=UUID,
        created_at=MOMENT,
        updated_at=MOMENT,
        secret=say(TEXT, "In the answer that made it, and never again."),
    ),
    "Request": answer(
        id=UUID,
        kind=one_of(RequestKind),
        status=one_of(RequestState),
        reference=or_null(TEXT),
        lift=BOOL,
        received_at=DAY,
        due_at=or_null(DAY),
        created_at=MOMENT,
        started_at=or_null(MOMENT),
        ended_at=or_null(MOMENT),
        refusal=or_null(TEXT),
        failure=or_null(TEXT),
        progress=answer(
            done=COUNT,
            total=COUNT,
            steps=list_of(answer(step=TEXT, done=COUNT, total=or_null(COUNT), is_done=BOOL)),
        ),
    ),
    "Tenant": answer(
        id=UUID, slug=TEXT, name=TEXT, created_at=MOMENT, audited_reads=one_of(ReadAudit)
    ),
    "ApiKey": answer(
        ("key",),
        id=UUID,
        name=TEXT,
        hint=say(TEXT, "Enough to know the key by, and nothing to authenticate with."),
        scopes=list_of(one_of(ApiScope)),
        created_at=MOMENT,
        expires_at=or_null(MOMENT),
        revoked_at=or_null(MOMENT),
        last_used_at=or_null(MOMENT),
        key=say(TEXT, "In the answer that made it, and never again."),
    ),
    "AuditEvent": answer(
        id=UUID,
        occurred_at=MOMENT,
        action=one_of(Action),
        outcome=one_of(Outcome),
        actor_kind=one_of(ActorKind),
        actor_id=or_null(UUID),
        target_id=or_null(UUID),
        request_id=or_null(TEXT),
        facts=OBJECT,
        sequence=say(or_null(COUNT), "Its place in the trail; null until it is sealed."),
    ),
    "Checkpoint": answer(
        number=COUNT,
        first=COUNT,
        last=COUNT,
        root=TEXT,
        previous=TEXT,
        sealed_at=MOMENT,
        key_id=TEXT,
        hash=TEXT,
        signature=TEXT,
        retired_at=or_null(MOMENT),
    ),
    "Verification": answer(
        started_at=MOMENT,
        ended_at=or_null(MOMENT),
        events=COUNT,
        sound=say(or_null(BOOL), "Null while it runs and has found nothing."),
        problems=list_of(answer(sequence=or_null(COUNT), kind=one_of(Kind))),
    ),
    "TrailState": answer(
        last_checkpoint={"anyOf": [ref("Checkpoint"), NULL]},
        unsealed=COUNT,
        verification={"anyOf": [ref("Verification"), NULL]},
        running={"anyOf": [ref("Verification"), NULL]},
        anchors=list_of(answer(place=one_of(Place), number=COUNT, anchored_at=MOMENT)),
    ),
    "Telemetry": answer(
        enabled=BOOL,
        decided_by=say(TEXT, "A variable of the environment, `operator`, or `nobody`."),
        decided_at=or_null(MOMENT),
        waiting=COUNT,
        sent=COUNT,
    ),
}
