"""How does Django find this app?"""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """How customers fare: scorecards and scores."""

    name = "health"
    verbose_name = "Health"
