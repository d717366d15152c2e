"""How does Django find this app?"""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The screens that join the apps, the import and the demo."""

    name = "portfolio"
    verbose_name = "Portfolio"
