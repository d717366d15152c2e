"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsageConfig(AppConfig):
    """What customers do: catalogue, events, tickets, answers."""

    name = "usage"
    verbose_name = _("Usage")
