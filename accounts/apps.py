"""How does Django find this app?"""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People who sign in, and everything known of a customer."""

    name = "accounts"
    verbose_name = "Accounts"
