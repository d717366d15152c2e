"""Which accounts match what a person typed, and who owns which of them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Account, ServiceAssignment, User
from accounts.models.account import AccountQuerySet
from common.text import UNSTORABLE

MAX_SEARCH = 200


def search_accounts(accounts: AccountQuerySet, text: str) -> AccountQuerySet:
    """Narrow accounts to those whose name, external id or domain holds the text, taken literally.

    Django escapes %, _ and the backslash, so they match themselves. A name that begins with the text comes first.
    """
    wanted = text.strip()
    if not wanted:
        return accounts
    if UNSTORABLE.search(wanted) or len(wanted) > MAX_SEARCH:
        return accounts.none()
    found = accounts.filter(Q(name__icontains=wanted) | Q(external_id__icontains=wanted) | Q(domain__icontains=wanted))
    rank = Case(
        When(name__iexact=wanted, then=Value(0)),
        When(name__istartswith=wanted, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return found.order_by(rank, "name", "pk")


def with_owner(accounts: QuerySet[Account], on: dt.date) -> QuerySet[Account]:
    """Add the CSM of a day to each account, as `owner_id` and `owner_name`."""
    owners = ServiceAssignment.objects.owners().active_on(on).filter(account=OuterRef("pk"))
    return accounts.annotate(
        owner_id=Subquery(owners.values("user")[:1]), owner_name=Subquery(owners.values("user__name")[:1])
    )


def owner_of(account: Account, on: dt.date) -> User | None:
    """Find the CSM of an account on a day."""
    row = ServiceAssignment.objects.owners().active_on(on).filter(account=account).select_related("user").first()
    return row.user if row else None


def owned_by(user: User) -> AccountQuerySet:
    """The accounts whose CSM a person is now."""
    mine = ServiceAssignment.objects.current().owners().filter(user=user, account=OuterRef("pk"))
    return Account.objects.filter(Exists(mine))


def load_of(users: Iterable[User], *, seen_by: User) -> dict[int, int]:
    """Count the accounts that each person owns now, of those that the asker may see; who owns none counts 0."""
    ids = [user.pk for user in users]
    owned = ServiceAssignment.objects.visible_to(seen_by).current().owners().filter(user__in=ids).order_by()
    counted = owned.values("user").annotate(accounts=Count("account")).values_list("user", "accounts")
    return dict.fromkeys(ids, 0) | dict(counted)


def people_who_serve() -> QuerySet[User]:
    """People who may own an account: those who may sign in and may edit accounts."""
    roles = [User.Role.CSM, User.Role.CS_MANAGER, User.Role.ADMIN]
    serving: QuerySet[User] = User.objects.active().filter(role__in=roles)
    return serving
