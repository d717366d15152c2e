"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoadmapConfig(AppConfig):
    """What customers ask for."""

    name = "roadmap"
    verbose_name = _("Roadmap")
