"""How is what came out of a plan said in the reader's words?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formats import money, number, percent
from roadmap.models import FeatureRequest, QuarterPlan

WAYS = ("plan", "top", "greedy")


@dataclass(frozen=True)
class Way:
    """One way to fill a quarter, with what it comes to."""

    key: str
    name: str
    about: str
    figures: dict[str, Any]


def ways_of(plan: QuarterPlan) -> list[Way]:
    """The exact plan and the plain ways beside it; none where nothing could be planned."""
    names = {
        "plan": (_("This plan"), _("The set that serves the most, solved exactly.")),
        "top": (_("Top of the ranking"), _("Down the ranking, whatever still fits.")),
        "greedy": (_("Step by step"), _("Again and again what adds most for its effort.")),
    }
    return [Way(key, *names[key], figures=plan.outcome[key]) for key in WAYS if key in plan.outcome]


def value_words(plan: QuarterPlan, value: int, currency: str | None) -> str:
    """What a plan counts, in words: customers, needs of customers, or what they are worth.

    Without a currency no amount is named, for a reader who may not see money: then it is a share of all that is asked.
    """
    if plan.by_value and currency is None:
        return _("%(share)s of the value") % {"share": percent(value / max(plan.outcome["all"]["value"], 1), 1)}
    if plan.by_value and currency is not None:
        return money(Decimal(value) / 100, currency)
    if plan.counts == QuarterPlan.Counts.CUSTOMERS:
        return ngettext("%(num)s customer", "%(num)s customers", value) % {"num": number(value)}
    return ngettext("%(num)s need", "%(num)s needs", value) % {"num": number(value)}


def finding(plan: QuarterPlan) -> str:
    """What a plan says, in one sentence."""
    figures = plan.outcome.get("plan")
    if plan.state == QuarterPlan.State.WAITING or (figures is None and "obstacle" not in plan.outcome):
        return _("The plan is being worked out.")
    if figures is None:
        return _("The must-haves do not fit")
    served = ngettext(
        "%(requests)s request serves %(customers)s of %(asking)s customers who ask",
        "%(requests)s requests serve %(customers)s of %(asking)s customers who ask",
        figures["requests"],
    )
    return served % {
        "requests": number(figures["requests"]),
        "customers": number(figures["customers"]),
        "asking": number(figures["asking"]),
    }


def gain_over_top(plan: QuarterPlan, currency: str | None) -> str:
    """How much more the exact plan serves than the top of the ranking."""
    if "top" not in plan.outcome:
        return ""
    more = plan.outcome["plan"]["value"] - plan.outcome["top"]["value"]
    if more <= 0:
        return _("As much as the top of the ranking: nothing is lost by going down the list.")
    return _("%(more)s more than by going down the ranking.") % {"more": value_words(plan, more, currency)}


def proof_words(plan: QuarterPlan, currency: str | None) -> str:
    """Whether the plan is proved to be the best, or how much better one could be at most."""
    if plan.state == QuarterPlan.State.SOLVED:
        return _("Proved: no set within the capacity serves more.")
    if plan.state == QuarterPlan.State.BEST_FOUND:
        bound = value_words(plan, int(plan.outcome["bound"]), currency)
        return _("The best found in the time; no set serves more than %(bound)s.") % {"bound": bound}
    return ""


def obstacle_words(plan: QuarterPlan) -> list[str]:
    """Why nothing could be planned, and what to do about it."""
    outcome = plan.outcome
    if "obstacle" not in outcome:
        return []
    titles = dict(
        FeatureRequest.objects.filter(pk__in=[*outcome["requests"], *outcome["blocked"]]).values_list("pk", "title")
    )
    if outcome["obstacle"] == "too_much":
        words = {
            "effort": number(Decimal(outcome["effort"]), 1),
            "capacity": number(plan.capacity, 1),
            "titles": _listed([titles[pk] for pk in outcome["requests"] if pk in titles]),
        }
        return [
            _("The must-haves and what they need take %(effort)s person-weeks; the capacity is %(capacity)s.") % words,
            _("They are: %(titles)s.") % words,
            _("Take one of them away, or plan with more capacity."),
        ]
    blocked = [titles[pk] for pk in outcome["blocked"] if pk in titles]
    return [
        _("A must-have, or something that it needs, cannot be chosen: %(titles)s.") % {"titles": _listed(blocked)},
        _("It has no effort estimated, is declined, or is left out by hand. Mend that, or take the must-have away."),
    ]


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(_("“%(title)s”") % {"title": title} for title in titles)
