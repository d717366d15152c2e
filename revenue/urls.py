"""Which addresses lead to money?"""

from django.urls import URLPattern, URLResolver, path

from revenue.views import cohorts, policy, settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("revenue/cohorts/", cohorts.cohorts, name="cohorts"),
    path("revenue/cohorts/accounts/", cohorts.cohort_accounts, name="cohort_accounts"),
    path("revenue/cohorts/export/<str:kind>/", cohorts.cohort_export, name="cohort_export"),
    path("settings/revenue-benchmarks/", settings.revenue_benchmarks, name="revenue_benchmarks"),
    path("settings/expansion/", settings.expansion_settings, name="expansion_settings"),
    path("settings/renewals/", policy.renewal_policy, name="renewal_policy"),
]
