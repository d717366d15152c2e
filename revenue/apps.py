"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevenueConfig(AppConfig):
    """What customers pay: contract lines, movements, renewals."""

    name = "revenue"
    verbose_name = _("Revenue")
