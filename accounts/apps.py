"""How does Django find this app?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People who sign in, and everything known of a customer."""

    name = "accounts"
    verbose_name = _("Accounts")
