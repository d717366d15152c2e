"""How does every row that belongs to an account inherit who may see it?"""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models.account import Account
from accounts.models.people import User

Row = TypeVar("Row", bound=models.Model)


class OfAccountQuerySet(models.QuerySet[Row]):
    """Rows that lead to an account: seen by whoever sees the account."""

    path_to_account = "account"

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """Rows of the accounts that a person may see."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.visibility == User.Visibility.ALL:
            return self
        return self.filter(**{f"{self.path_to_account}__in": Account.objects.ids_shown_to(user)})
