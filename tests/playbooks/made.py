"""What do the tests of playbooks put into a book, row by row?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import Account
from health.models import HealthScore, Scorecard, ScorecardVersion
from health.rules.default import DEFAULT_DEFINITION


def score_of(account: Account, score: int | None, *, on: dt.date, band: str = "", **fields: Any) -> HealthScore:
    """One score of an account on a day, by the shipped scorecard."""
    if not band:
        band = "unknown" if score is None else "green" if score >= 75 else "yellow" if score >= 50 else "red"
    fields = {"coverage": Decimal(1), "version": version(), "components": {}} | fields
    made, _created = HealthScore.objects.update_or_create(
        account=account, on=on, defaults={"score": score, "band": band, **fields}
    )
    return made


def version() -> ScorecardVersion:
    """The version of the shipped scorecard."""
    return ScorecardVersion.objects.order_by("pk").first() or _made()


def _made() -> ScorecardVersion:
    card = Scorecard.objects.create(name="Default")
    at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    return ScorecardVersion.objects.create(
        scorecard=card, number=1, effective_on=at.date(), definition=DEFAULT_DEFINITION, published_at=at
    )
