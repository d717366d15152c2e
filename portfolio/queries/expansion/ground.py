"""What does every page about expansion stand on?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Organisation, User
from revenue.models import ExpansionSettings, Opportunity


@dataclass(frozen=True)
class Ground:
    """What every page here stands on: who looks, on which day, in which currency, with which settings."""

    user: User
    on: dt.date
    currency: str
    settings: ExpansionSettings

    @classmethod
    def of(cls, user: User, on: dt.date) -> Ground:
        """Read the settings."""
        return cls(user, on, Organisation.load().reporting_currency, ExpansionSettings.load())

    @property
    def yesterday(self) -> str:
        """The day before, as an address names it."""
        return (self.on - dt.timedelta(days=1)).isoformat()

    @property
    def opportunities(self) -> QuerySet[Opportunity]:
        """The opportunities that the person may see."""
        rows: QuerySet[Opportunity] = Opportunity.objects.visible_to(self.user)
        return rows
