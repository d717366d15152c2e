"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """Bits without a domain word, and the job outbox."""

    name = "common"
    verbose_name = _("Background work")
