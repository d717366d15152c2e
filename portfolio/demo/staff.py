"""Who works at the demo company, and with what do they sign in?"""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import Team, User
from accounts.rules.roles import DEFAULT_VISIBILITY, Role

TEAMS = ["Europe and Americas", "Asia"]
# name, role, team (index) or none
STAFF = [
    ("Mei Lin", Role.CSM, 1),
    ("Jonas Weber", Role.CSM, 0),
    ("Amina Okafor", Role.CSM, 0),
    ("Carla Rossi", Role.CSM, 0),
    ("陈静怡", Role.CSM, 1),
    ("Tariq Haddad", Role.CSM, 1),
    ("Hanna Lindqvist", Role.CS_MANAGER, 0),
    ("周立安", Role.CS_MANAGER, 1),
    ("Daniel Ortiz", Role.PRODUCT_MANAGER, None),
    ("Noah Winters", Role.ADMIN, None),
    ("Selma Novak", Role.VIEWER, None),
    ("Ivan Kovac", Role.CSM, None),
    ("Grace Tanaka", Role.CSM, None),
]
SOLUTION_EXPERT, DELIVERY_MANAGER = "Ivan Kovac", "Grace Tanaka"
EMAILS = {"陈静怡": "jingyi.chen", "周立安": "lian.zhou"}


def password_file() -> Path:
    """Where this installation keeps the password of its demo people: made at random, so no two share one."""
    return Path(settings.DATA_DIR) / "demo_password"


def demo_password() -> str:
    """The password of the demo people, made on first use."""
    path = password_file()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("-".join(secrets.token_hex(2) for _ in range(4)), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def email_of(name: str) -> str:
    """A demo person's address, in a domain that can never exist."""
    return f"{EMAILS.get(name, name.lower().replace(' ', '.'))}@demo.invalid"


def make_staff(at: dt.datetime) -> list[User]:
    """Make the teams and the people; all share the demo password, hashed once."""
    teams = [Team.objects.get_or_create(name=name)[0] for name in TEAMS]
    hashed = make_password(demo_password())
    people = [
        User(
            email=email_of(name),
            name=name,
            role=role,
            team=None if team is None else teams[team],
            visibility=DEFAULT_VISIBILITY[role],
            password=hashed,
            joined_at=at,
        )
        for name, role, team in STAFF
    ]
    known = {user.email: user for user in User.objects.filter(email__in=[person.email for person in people])}
    User.objects.bulk_create([person for person in people if person.email not in known])
    made = {user.email: user for user in User.objects.filter(email__in=[person.email for person in people])}
    return [made[person.email] for person in people]
