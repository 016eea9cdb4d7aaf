"""The paths of the mem0 wire. Ids may hold any character, so literal routes stand first."""

from django.urls import path, re_path

from apps.api.views import entities, events, health, memories, memory, ping, unknown

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
    path("v1/events/", events.EventList.as_view()),
    path("v1/event/<path:event_id>/", events.EventDetail.as_view()),
    re_path(r"^(?:v\d+|api)/", unknown.answer_unknown_path),
]
