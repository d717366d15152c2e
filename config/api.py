"""Which addresses does the API have? The one router, where every app's viewset is named, and its own pages."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from accounts import viewsets as accounts
from advocacy import viewsets as advocacy
from health import viewsets as health
from playbooks import viewsets as playbooks
from portfolio import viewsets as portfolio
from revenue import viewsets as revenue
from roadmap import viewsets as roadmap
from usage import viewsets as usage

router = DefaultRouter()
# One address for each thing: the answer is JSON, whatever stands behind a dot.
router.include_format_suffixes = False
for app in (accounts, revenue, usage, health, playbooks, advocacy, roadmap, portfolio):
    app.register(router)

# Swagger sets styles from its script; only here may one. (Redoc is left out: it fetches its logo from another site.)
api_docs = csp_update({"style-src": [UNSAFE_INLINE]})(
    login_required(SpectacularSwaggerSplitView.as_view(url_name="api_schema"))
)

urlpatterns = [
    path("", api_docs, name="api_docs"),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("v1/organisation/", accounts.people.OrganisationView.as_view(), name="organisation-detail"),
    path("v1/revenue-benchmarks/", revenue.RevenueBenchmarksView.as_view(), name="revenuebenchmarks-detail"),
    path("v1/ranking-settings/", roadmap.RankingSettingsView.as_view(), name="rankingsettings-detail"),
    path("v1/advocacy-settings/", advocacy.AdvocacySettingsView.as_view(), name="advocacysettings-detail"),
    path("v1/", include(router.urls)),
]
