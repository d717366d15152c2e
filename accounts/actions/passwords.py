"""What happens when a password changes?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.actions import audit, sign_ins
from accounts.models import User


@transaction.atomic
def set_password(*, person: User, password: str, by: User | None, at: dt.datetime, keep_session: str = "") -> None:
    """Store a new password, which ends all other sessions and all tokens of the person."""
    person.set_password(password)
    person.save(update_fields=["password"])
    sign_ins.end_all(person=person, by=by, at=at, why="password", except_key=keep_session)
    audit.record("person.password_set", by=by, at=at, obj=person)
