"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    """How customers fare: scorecards and scores."""

    name = "health"
    verbose_name = _("Health")
