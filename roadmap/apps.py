"""How does Django find this app?"""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    """What customers ask for."""

    name = "roadmap"
    verbose_name = "Roadmap"
