"""How does Django find this app?"""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Bits without a domain word, and the job outbox."""

    name = "common"
    verbose_name = "Background work"
