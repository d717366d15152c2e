"""What do customers say, and are they helped in time?"""

from __future__ import annotations

import numpy as np
from django.db.models import Count, Exists, F, Max, OuterRef, Q

from health.queries.indicators.book import Book, Measure
from health.rules import indicators as rules
from health.rules.scorecard import Indicator
from usage.models import SurveyAnswer, Ticket

PROMOTER, DETRACTOR = 9, 6


def nps(book: Book, indicator: Indicator) -> Measure:
    """(promoters − detractors) / answers × 100, of each contact's latest answer in the window.

    An answer without a contact stands for a contact of its own.
    """
    first, last = book.window(indicator.days)
    asked = SurveyAnswer.objects.filter(kind=SurveyAnswer.Kind.NPS, answered_on__gte=first, answered_on__lte=last)
    later = asked.filter(
        Q(answered_on__gt=OuterRef("answered_on")) | Q(answered_on=OuterRef("answered_on"), pk__gt=OuterRef("pk")),
        account_id=OuterRef("account_id"),
        contact_id=OuterRef("contact_id"),
    )
    rows = book.only(asked.filter(Q(contact=None) | ~Exists(later)))
    found = book.per_account(
        rows.values("account_id").annotate(
            promoters=Count("pk", filter=Q(score__gte=PROMOTER)),
            detractors=Count("pk", filter=Q(score__lte=DETRACTOR)),
            answers=Count("pk"),
            latest=Max("answered_on"),
        ),
        promoters="int",
        detractors="int",
        answers="int",
        latest="day",
    )
    values = rules.net_promoter_score(found["promoters"], found["detractors"], found["answers"])
    return Measure(values, np.where(found["known"] > 0, book.day - found["latest"], np.inf))


def issue_resolution(book: Book, indicator: Indicator) -> Measure:
    """Tickets of the window resolved within their target / tickets due: past their target, or resolved already."""
    start, end = book.instants(indicator.days)
    found = book.per_account(
        book.only(Ticket.objects.filter(opened_at__gte=start, opened_at__lt=end))
        .values("account_id")
        .annotate(
            due=Count("pk", filter=Q(target_at__lt=end) | Q(resolved_at__lt=end)),
            in_time=Count("pk", filter=Q(resolved_at__lt=end, resolved_at__lte=F("target_at"))),
        ),
        due="int",
        in_time="int",
    )
    return Measure(rules.share(found["in_time"], found["due"]))
