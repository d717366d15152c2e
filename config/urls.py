"""Which address leads where? Each app names its own below the root; what belongs to no app is here."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

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
    path("language/", login_not_required(set_language), name="set_language"),
    path("healthz/", healthz, name="healthz"),
]

handler400 = "common.pages.bad_request"
handler403 = "common.pages.forbidden"
handler404 = "common.pages.not_found"
handler500 = "common.pages.server_error"
