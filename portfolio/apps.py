"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    """The screens that join the apps, the import and the demo."""

    name = "portfolio"
    verbose_name = _("Portfolio")

    def ready(self) -> None:
        """Tell playbooks, which stand below, how a saved view of the account list is resolved."""
        from playbooks.queries.views import resolve_views_with  # noqa: PLC0415  models are there only now
        from portfolio.views.account_listing import accounts_of_view  # noqa: PLC0415

        resolve_views_with(accounts_of_view)
