"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaybooksConfig(AppConfig):
    """What to do about it, step by step, and whether it worked."""

    name = "playbooks"
    verbose_name = _("Playbooks")
