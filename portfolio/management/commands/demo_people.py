"""With what does a visitor sign in to the demo?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from portfolio.demo.staff import demo_password, password_file


class Command(BaseCommand):
    """Print one demo person per role, with this installation's own random password."""

    help = "Print the sign-ins of the demo people."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the addresses and the password, or nothing where no demo was loaded."""
        if not password_file().exists():
            return
        people = User.objects.active().filter(email__endswith="@demo.invalid").order_by("pk")
        first = {person.role: person for person in reversed(people)}
        for role, label in User.Role.choices:
            if role in first:
                self.stdout.write(f"  {label!s:<16} {first[role].email}")
        self.stdout.write(f"  {'Password':<16} {demo_password()}")
