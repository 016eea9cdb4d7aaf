"""Everything the server answers. `/memories`, `/search` and `/mcp` are kept for clients."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("apps.api.urls")),
    path("", RedirectView.as_view(pattern_name="dashboard:overview")),
    path("accounts/", include("apps.accounts.urls")),
    path("dashboard/", include("apps.dashboard.urls")),
]
