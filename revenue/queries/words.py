"""In which words are periods, readings, rates and the findings of the guards told?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from common.formats import number, percent
from revenue.queries.dimensions import check_dimension
from revenue.queries.guards import MaskedSegment, RateReversal, Warnings

PERIOD_LABELS: Mapping[str, Promise] = {
    "twelve_months": _lazy("Last 12 months"),
    "this_month": _lazy("This month"),
    "last_month": _lazy("Last month"),
    "this_quarter": _lazy("This quarter"),
    "last_quarter": _lazy("Last quarter"),
    "this_year": _lazy("This year"),
    "last_year": _lazy("Last year"),
}
READING_LABELS: Mapping[str, Promise] = {
    "point_to_point": _lazy("Point to point"),
    "flow": _lazy("Flow of all customers"),
    "cohort_flow": _lazy("Flow of the cohort"),
    "chained": _lazy("Chained months"),
    "ledger": _lazy("Whole ledger"),
}
RATE_LABELS: Mapping[str, Promise] = {
    "nrr": _lazy("NRR"),
    "grr_revenue": _lazy("GRR, revenue"),
    "grr_logo": _lazy("GRR, customers"),
}


@dataclass(frozen=True)
class GuardWord:
    """One finding of a guard: what it is called, what it says, and by which dimension to look closer."""

    kind: str
    title: str
    text: str
    dimension: str


def guard_words(warnings: Warnings) -> list[GuardWord]:
    """Say what the guards found: reversals first, for they turn the overall rate's meaning round."""
    return [*map(_reversal, warnings.reversal), *map(_masking, warnings.masking)]


def _masking(found: MaskedSegment) -> GuardWord:
    text = ngettext(
        "%(rate)s is %(overall)s overall, but %(own)s in %(segment)s (%(count)s account): %(below)s points below its "
        "mark of %(mark)s.",
        "%(rate)s is %(overall)s overall, but %(own)s in %(segment)s (%(count)s accounts): %(below)s points below its "
        "mark of %(mark)s.",
        found.found.accounts,
    )
    words = {
        "rate": RATE_LABELS[found.rate],
        "overall": _percent(found.overall),
        "own": _percent(found.found.rate),
        "segment": found.segment.label,
        "count": number(found.found.accounts),
        "below": number(found.found.below * 100),
        "mark": _percent(found.found.benchmark),
    }
    title = _("A good overall rate hides a weak segment")
    return GuardWord("masking", title, text % words, found.segment.dimension)


def _reversal(found: RateReversal) -> GuardWord:
    split, cause = found.found.split, found.found.cause
    one = {
        True: _(
            "%(rate)s fell in every segment by %(dimension)s but rose overall, from %(before)s to %(after)s: "
            "%(cause)s went from %(was)s to %(now)s of the base. At the mix of the period before it would be %(held)s."
        ),
        False: _(
            "%(rate)s rose in every segment by %(dimension)s but fell overall, from %(before)s to %(after)s: "
            "%(cause)s went from %(was)s to %(now)s of the base. At the mix of the period before it would be %(held)s."
        ),
    }[found.found.rose]
    words = {
        "rate": RATE_LABELS[found.rate],
        "dimension": check_dimension(found.dimension).label.lower(),
        "before": _percent(split.before),
        "after": _percent(split.after),
        "cause": found.label_of(cause),
        "was": _percent(cause.share_before, 0),
        "now": _percent(cause.share_after, 0),
        "held": _percent(split.at_former_mix),
    }
    return GuardWord("reversal", _("The overall rate moved against all of its segments"), one % words, found.dimension)


def _percent(rate: Fraction, digits: int = 1) -> str:
    return percent(rate, digits)
