"""Which address leads where? Each app names its own below the root; what belongs to no app is here."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config.views import healthz

# The admin signs in like everybody else, with the same limits and the same second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("portfolio.urls")),
    path("", include("accounts.urls")),
    path("", include("revenue.urls")),
    path("", include("usage.urls")),
    path("", include("health.urls")),
    path("", include("advocacy.urls")),
    path("", include("roadmap.urls")),
    path("", include("integrations.urls")),
    path("api/", include("config.api")),
    path("sign-in/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", healthz, name="healthz"),
]
