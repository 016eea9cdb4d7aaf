"""The paths of the mem0 wire and our own. Ids may hold anything, so literal routes stand first."""

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import StringConverter

from apps.api.views import (
    batches,
    entities,
    events,
    exports,
    feedback,
    health,
    mcp,
    memories,
    memory,
    old_memories,
    open_source_memories,
    own,
    ping,
    privacy,
    projects,
    recall,
    schema,
    summary,
    totals,
    unavailable,
    unknown,
    webhooks,
)
from apps.api.views.base import ScopedView
from apps.memories.enums import EntityKind

ORGANISATIONS = "api/v1/orgs/organizations/"
PROJECTS = f"{ORGANISATIONS}<str:org_id>/projects/"


class AnyConverter(StringConverter):
    """An id as it is: slashes and line breaks too."""

    regex = r"[\s\S]+"


register_converter(AnyConverter, "any")


def open_source(route: str, view: type[ScopedView]) -> list[URLPattern]:
    """A path of mem0's own server, with and without a slash at its end."""
    return [path(f"{route}/", view.as_view()), path(route, view.as_view())]


urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("v1/ping/", ping.Ping.as_view()),
    path("v3/memories/add/", memories.MemoryAdd.as_view()),
    path("v3/memories/search/", memories.MemorySearch.as_view()),
    path("v3/memories/", memories.MemoryList.as_view()),
    path("v2/memories/search/", old_memories.MemorySearchV2.as_view()),
    path("v2/memories/", old_memories.MemoryListV2.as_view()),
    path("v1/memories/search/", old_memories.MemorySearchV1.as_view()),
    path("v1/memories/events/", totals.MemoryEvents.as_view()),
    path("v1/memories/", old_memories.Memories.as_view()),
    *(
        path(f"v1/memories/{kind}/<any:name>/", entities.EntityMemories.as_view(), {"kind": kind})
        for kind in EntityKind
    ),
    path("v1/memories/<any:memory_id>/history/", memory.MemoryHistory.as_view()),
    path("v1/memories/<any:memory_id>/", memory.MemoryDetail.as_view()),
    path("v1/batch/", batches.Batch.as_view()),
    path("v1/entities/", entities.EntityList.as_view()),
    path("v1/events/", events.EventList.as_view()),
    path("v1/event/<any:event_id>/", events.EventDetail.as_view()),
    path("v1/entities/filters/", entities.EntityFilters.as_view()),
    path("v1/entities/<str:kind>/<any:entity_id>/", entities.OldEntity.as_view()),
    path("v2/entities/user/<any:name>/profile/", unavailable.Profile.as_view()),
    path("v2/entities/<str:kind>/<any:name>/", entities.EntityDetail.as_view()),
    *(path(f"v1/{kind}s/", entities.EntityMake.as_view(), {"kind": kind}) for kind in EntityKind),
    path("v1/feedback/", feedback.FeedbackGive.as_view()),
    path("v1/exports/", exports.Exports.as_view()),
    path("v1/exports/get/", exports.ExportRead.as_view()),
    path(ORGANISATIONS, projects.Organisations.as_view()),
    path(f"{ORGANISATIONS}<str:org_id>/", projects.Organisation.as_view()),
    path(f"{ORGANISATIONS}<str:org_id>/members/", projects.Members.as_view()),
    path(PROJECTS, projects.Projects.as_view()),
    path(f"{PROJECTS}<str:project_id>/", projects.ProjectDetail.as_view()),
    path(f"{PROJECTS}<str:project_id>/members/", projects.Members.as_view()),
    path("api/v1/webhooks/projects/<str:project_id>/", webhooks.Webhooks.as_view()),
    path("api/v1/webhooks/<str:webhook_id>/", webhooks.WebhookDetail.as_view()),
    path("api/v1/recall/", recall.Recall.as_view()),
    path("v1/summary/", summary.Summary.as_view()),
    path("v1/stats/", totals.Stats.as_view()),
    path("v2/profiles/settings/", unavailable.ProfileSettings.as_view()),
    path("v2/profiles/jobs/", unavailable.ProfileJobs.as_view()),
    path("v2/profiles/jobs/<any:job_id>/", unavailable.ProfileJob.as_view()),
    path("mcp", mcp.Mcp.as_view()),
    path("mcp/", mcp.Mcp.as_view()),
    *open_source("memories", open_source_memories.Memories),
    *open_source("search", open_source_memories.Search),
    *open_source("memories/<any:memory_id>/history", open_source_memories.History),
    *open_source("memories/<any:memory_id>", open_source_memories.Memory),
    path("api/schema/", schema.schema, name="api-schema"),
    path("api/docs/", schema.docs, name="api-docs"),
    path("api/v1/tenant/", own.OwnTenant.as_view()),
    path("api/v1/keys/", own.KeyList.as_view()),
    path("api/v1/keys/<str:key_id>/", own.KeyDetail.as_view()),
    path("api/v1/audit/events/", own.AuditEvents.as_view()),
    path("api/v1/audit/checkpoints/", own.AuditCheckpoints.as_view()),
    path("api/v1/audit/state/", own.AuditState.as_view()),
    path("api/v1/telemetry/", own.Telemetry.as_view()),
    path("api/v1/privacy/requests/", privacy.RequestList.as_view()),
    *(
        path(f"api/v1/privacy/requests/<str:request_id>/{part}", view.as_view())
        for part, view in (
            ("", privacy.RequestDetail),
            ("download/", privacy.RequestDownload),
            ("certificate/", privacy.RequestCertificate),
        )
    ),
    re_path(r"^(?:v\d+|api)/", unknown.answer_unknown_path),
]
