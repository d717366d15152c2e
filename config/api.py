"""Which addresses does the API have? The one router, where every app's viewset is named, and its own pages."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

router = DefaultRouter()

# Both documentation pages set styles from their scripts; only here may they.
_own_styles = csp_update({"style-src": [UNSAFE_INLINE], "worker-src": [SELF, "blob:"]})

api_docs = _own_styles(login_required(SpectacularSwaggerSplitView.as_view(url_name="api_schema")))
api_reference = _own_styles(login_required(SpectacularRedocView.as_view(url_name="api_schema")))

urlpatterns = [
    path("", api_docs, name="api_docs"),
    path("reference/", api_reference, name="api_reference"),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("v1/", include(router.urls)),
]
