"""How does Django find this app?"""

from django.apps import AppConfig


class RevenueConfig(AppConfig):
    """What customers pay: contract lines, movements, renewals."""

    name = "revenue"
    verbose_name = "Revenue"
