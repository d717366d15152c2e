"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    """The screens that join the apps, the import and the demo."""

    name = "portfolio"
    verbose_name = _("Portfolio")
