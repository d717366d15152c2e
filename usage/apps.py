"""How does Django find this app?"""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """What customers do: catalogue, events, tickets, answers."""

    name = "usage"
    verbose_name = "Usage"
