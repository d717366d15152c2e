"""How does Django find this app?"""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """What connects to the outside: API tokens."""

    name = "integrations"
    verbose_name = "Integrations"
