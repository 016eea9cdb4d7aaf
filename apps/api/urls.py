"""The paths of the mem0 wire. Ids may hold any character, so literal routes stand first."""

from django.urls import path, re_path

from apps.api.views import entities, health, memories, memory, ping, privacy, unknown

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("v1/ping/", ping.Ping.as_view()),
    path("v3/memories/add/", memories.MemoryAdd.as_view()),
    path("v3/memories/search/", memories.MemorySearch.as_view()),
    path("v3/memories/", memories.MemoryList.as_view()),
    path("v1/memories/", memories.MemoryDelete.as_view()),
    path("v1/memories/<path:memory_id>/history/", memory.MemoryHistory.as_view()),
    path("v1/memories/<path:memory_id>/", memory.MemoryDetail.as_view()),
    path("v1/entities/", entities.EntityList.as_view()),
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
