"""How does the very first person get in, without a default password?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions.invitations import make_link
from accounts.actions.people import invite_person
from accounts.models import User
from accounts.rules.roles import Role
from common.errors import Refused


class Command(BaseCommand):
    """Make an admin and print the link with which they choose a password: valid for 24 hours, and once."""

    help = "Make the first admin and print a one-time link with which they choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for who it is."""
        parser.add_argument("email", help="the admin's e-mail, with which they sign in")
        parser.add_argument("--name", default="", help="the admin's name; the e-mail's first part if not given")
        parser.add_argument("--another", action="store_true", help="make one although there is an admin already")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, unless an admin is there who could."""
        email, at = options["email"], timezone.now()
        if User.objects.active().admins().exists() and not options["another"]:
            raise CommandError(
                "There is an admin already, who can invite people in the settings. To make one all the same, "
                "for example because nobody can sign in any more, add --another."
            )
        name = options["name"] or email.partition("@")[0]
        try:
            person = invite_person(by=None, at=at, email=email, name=name, role=Role.ADMIN, with_mail=False)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("Open this link within 24 hours and choose a password. It works once:")
        self.stdout.write(make_link(person=person, at=at))
