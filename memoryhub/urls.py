"""Everything the server answers. `/memories`, `/search` and `/mcp` are kept for clients."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.dashboard.views import person
from apps.dashboard.views.invitations import invitation

urlpatterns = [
    path("", include("apps.api.urls")),
    path("", RedirectView.as_view(pattern_name="dashboard:overview")),
    path("dashboard", RedirectView.as_view(pattern_name="dashboard:overview")),
    path("accounts/", include("apps.accounts.urls")),
    path("invitation/<str:token>/", invitation, name="invitation"),
    path("person/", person.person_show, name="person"),
    path("person/copy/", person.person_copy, name="person-copy"),
    path("person/<str:token>/", person.person_enter, name="person-enter"),
    path("dashboard/", include("apps.dashboard.urls")),
]

handler403 = "apps.dashboard.views.errors.forbidden"
handler404 = "apps.dashboard.views.errors.not_found"
handler429 = "apps.dashboard.views.errors.too_many"
handler500 = "apps.dashboard.views.errors.failed"
