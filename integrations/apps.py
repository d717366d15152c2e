"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """What connects to the outside: API tokens."""

    name = "integrations"
    verbose_name = _("Integrations")
