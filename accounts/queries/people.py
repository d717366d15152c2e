"""Who works here, in which team, and with how many accounts?"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import ServiceAssignment, Team, User


def with_books(people: QuerySet[User]) -> QuerySet[Any]:
    """Annotate people with `book`: how many accounts they own now as CSM."""
    owned = (
        ServiceAssignment.objects.current()
        .owners()
        .filter(user=OuterRef("pk"))
        .order_by()
        .values("user")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return people.annotate(book=Coalesce(Subquery(owned, output_field=IntegerField()), 0))


def teams_with_sizes(teams: QuerySet[Team]) -> QuerySet[Any]:
    """Annotate teams with `size`: how many people who may sign in are in each."""
    members = (
        User.objects.active().filter(team=OuterRef("pk")).order_by().values("team").annotate(n=Count("pk")).values("n")
    )
    return teams.annotate(size=Coalesce(Subquery(members, output_field=IntegerField()), 0))
