"""Which addresses lead to money?"""

from django.urls import URLPattern, URLResolver, path

from revenue.views import settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/revenue-benchmarks/", settings.revenue_benchmarks, name="revenue_benchmarks"),
]
