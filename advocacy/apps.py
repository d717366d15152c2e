"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdvocacyConfig(AppConfig):
    """Who speaks for us."""

    name = "advocacy"
    verbose_name = _("Advocacy")
