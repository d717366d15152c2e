"""In which words does the page of segments say what it found?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formats import number, percent
from portfolio.queries.compare_rows import Pair, Row
from revenue.queries import Warnings, masked_segments, rate_reversals
from revenue.queries.guards import parts_of
from revenue.queries.words import RATE_LABELS, GuardWord, guard_words
from revenue.rules.guards import Reversal, mix_reversal
from revenue.rules.retention import Retention


@dataclass(frozen=True)
class Finding:
    """What a guard says, and the rate that it says it of."""

    word: GuardWord
    measure: str


def findings(found: Retention, before: Retention | None, by: str, measure: str) -> list[Finding]:
    """What the guards say; where no full reversal of the chosen rate is found, the weaker one."""
    reversals = rate_reversals(before, found) if before else []
    hidden = masked_segments(found)
    rates = [*(one.rate for one in reversals), *(one.rate for one in hidden)]
    told = [Finding(*one) for one in zip(guard_words(Warnings(hidden, reversals)), rates, strict=True)]
    if before is None or any(one.rate == measure for one in reversals):
        return told
    weaker = mix_reversal(parts_of(before, measure), parts_of(found, measure))
    if weaker is None:
        return told
    labels = {one.value: one.label for one in [*before.segments, *found.segments]}
    title = _("The mix of customers moved the overall rate")
    return [Finding(GuardWord("mix_reversal", title, _turned(weaker, labels, measure), by), measure), *told]


def _turned(weaker: Reversal, labels: Mapping[str, str], measure: str) -> str:
    """Say that the mix turned the overall rate round, with the rate as it is and as it would be."""
    split, cause = weaker.split, weaker.cause
    text = {
        True: _(
            "%(rate)s rose overall, from %(before)s to %(after)s, but at the mix of the period before it would have "
            "fallen to %(held)s: %(cause)s went from %(was)s to %(now)s of the base."
        ),
        False: _(
            "%(rate)s fell overall, from %(before)s to %(after)s, but at the mix of the period before it would have "
            "risen to %(held)s: %(cause)s went from %(was)s to %(now)s of the base."
        ),
    }[weaker.rose]
    return text % {
        "rate": RATE_LABELS[measure],
        "before": percent(split.before, 1),
        "after": percent(split.after, 1),
        "held": percent(split.at_former_mix, 1),
        "cause": labels[cause.segment],
        "was": percent(cause.share_before),
        "now": percent(cause.share_after),
    }


def title_of(
    found: Retention, before: Retention | None, pairs: Sequence[Pair], by: str, measure: str, too_few: int
) -> str:
    """The finding: a reversal, the span from the worst to the best, or that there is nothing to compare."""
    rate = str(RATE_LABELS[measure])
    now = getattr(found, measure)
    for one in rate_reversals(before, found) if before else []:
        if one.rate == measure:
            return {
                True: _("%(rate)s fell in every segment but rose overall"),
                False: _("%(rate)s rose in every segment but fell overall"),
            }[one.found.rose] % {"rate": rate}
    if now is None:
        return _("No %(rate)s: nobody paid at the opening") % {"rate": rate}
    judged = _judged(pairs, measure, too_few)
    if len(judged) < 2 or judged[0][0] == judged[-1][0]:
        return _("%(rate)s is %(value)s") % {"rate": rate, "value": percent(now, 1)}
    words = {"rate": rate, "low": percent(judged[0][0]), "worst": judged[0][1], "high": percent(judged[-1][0])}
    return _("%(rate)s: from %(low)s (%(worst)s) to %(high)s (%(best)s)") % {**words, "best": judged[-1][1]}


def _judged(pairs: Iterable[Pair], measure: str, too_few: int) -> list[tuple[Fraction, str]]:
    """Rates and names of the segments that are large enough to be judged, the lowest first."""
    rates = [(getattr(pair.now, measure), pair.label) for pair in pairs if pair.now and pair.accounts >= too_few]
    return sorted((rate, label) for rate, label in rates if rate is not None)


def mix_title(rows: Sequence[Row], measure: str) -> str:
    """Say whose share moved most."""
    moved = [(row.share_now - row.share_before, row) for row in rows if row.share_now is not None
             and row.share_before is not None]  # fmt: skip
    if not moved:
        return _("No period before to compare the mix with")
    most, row = max(moved, key=lambda one: abs(one[0]))
    if abs(most) < Fraction(1, 200):
        return _("The mix stayed as it was")
    words = {"segment": row.label, "before": percent(row.share_before), "now": percent(row.share_now)}
    if measure == "grr_logo":
        return _("%(segment)s went from %(before)s to %(now)s of the customers") % words
    return _("%(segment)s went from %(before)s to %(now)s of the opening ARR") % words


def field_title(count: int) -> str:
    """Say how many segments stay and grow."""
    if not count:
        return _("No segment is expansion ground")
    return ngettext("%(num)s segment is expansion ground", "%(num)s segments are expansion ground", count) % {
        "num": number(count)
    }
