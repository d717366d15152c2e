"""What do advocacy's siblings know that a customer's advocate score is made of?"""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q

from roadmap.models import FeatureRequest, RequestEvidence


def requests_by_account(on: dt.date) -> dict[int, tuple[int, int]]:
    """How many requests each account voiced up to a day, and how many of these were built, in one query."""
    rows = RequestEvidence.objects.filter(asked_on__lte=on).order_by().values("account_id")
    counted = rows.annotate(
        asked=Count("request", distinct=True),
        adopted=Count("request", distinct=True, filter=Q(request__state=FeatureRequest.State.SHIPPED)),
    )
    return {row["account_id"]: (row["asked"], row["adopted"]) for row in counted}
