"""Which address leads where? Each app names its own below the root; what belongs to no app is here."""

from allauth.account import urls as account_pages
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sites.models import Site
from django.urls import include, path

from accounts.views.entrance import account_email
from config.views import healthz

# The admin signs in like everybody else, with the same limits and the same second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# Groups and sites are not used here. The packages' other tables hold secrets, and have pages of their owners.
for unused in (Group, Site, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(unused)
# An address is who one is here, so an admin changes it; allauth's page for that leads to one's profile.
account_pages.urlpatterns[:] = [
    path("email/", account_email, name=page.name) if page.name == "account_email" else page
    for page in account_pages.urlpatterns
]

urlpatterns = [
    path("", include("portfolio.urls")),
    path("", include("accounts.urls")),
    path("", include("revenue.urls")),
    path("", include("usage.urls")),
    path("", include("health.urls")),
    path("", include("playbooks.urls")),
    path("", include("advocacy.urls")),
    path("", include("roadmap.urls")),
    path("", include("integrations.urls")),
    path("api/", include("config.api")),
    path("sign-in/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", healthz, name="healthz"),
]

handler400 = "common.pages.bad_request"
handler403 = "common.pages.forbidden"
handler404 = "common.pages.not_found"
handler500 = "common.pages.server_error"
