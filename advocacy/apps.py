"""How does Django find this app?"""

from django.apps import AppConfig


class AdvocacyConfig(AppConfig):
    """Who speaks for us."""

    name = "advocacy"
    verbose_name = "Advocacy"
