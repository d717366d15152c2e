"""How is it made sure that nobody comes back with an older backup?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portfolio.actions.erasure import repeat_erasures


class Command(BaseCommand):
    """Run after restoring a backup."""

    help = "Erase again the contacts that were erased before and that a restored backup has brought back."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Do it, and say how many they were."""
        self.stdout.write(f"Erased again: {repeat_erasures(at=timezone.now())}")
