"""How does a rule read in words?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from common.formats import number
from health.models import ComparisonName, MeasureName
from health.queries.measures import MEASURES
from health.rules.conditions import Condition
from health.rules.scorecard import ScorecardError
from health.rules.warnings import Test, parse_definition

CHOICES: dict[str, Any] = {
    "tier": Account.Tier.choices,
    "stage": Account.Stage.choices,
    "purchase_level": Account.PurchaseLevel.choices,
}


def rule_in_words(definition: Mapping[str, Any]) -> str:
    """Say what a rule warns of: its tests, one after the other."""
    try:
        parsed = parse_definition(definition)
    except ScorecardError:
        return _("This rule cannot be read.")
    between = _(" or ") if parsed.match == "any" else _(" and ")
    words = between.join(map(_test_in_words, parsed.tests))
    if parsed.after_days:
        days = ngettext("from %(count)s day after signing", "from %(count)s days after signing", parsed.after_days)
        words = f"{words}, {days % {'count': number(parsed.after_days)}}"
    return " · ".join([words, *map(_condition_in_words, parsed.conditions)])


def _condition_in_words(condition: Condition) -> str:
    """Name the tiers, stages or levels that a rule is for; another condition by its field."""
    choices = dict(CHOICES.get(condition.field, ()))
    if choices and condition.operator in ("is", "in"):
        return _("only %(names)s") % {"names": ", ".join(str(choices.get(one, one)) for one in condition.values)}
    return _("only by %(field)s") % {"field": condition.field.removeprefix("custom.")}


def _test_in_words(test: Test) -> str:
    label = str(MeasureName(test.measure).label) if test.measure in MeasureName.values else test.measure
    parts = {
        "measure": label,
        "comparison": str(ComparisonName(test.comparison).label),
        "threshold": number(test.threshold, 0 if test.threshold == int(test.threshold) else 2),
    }
    words = _("%(measure)s: %(comparison)s %(threshold)s") % parts
    kind = MEASURES.get(test.measure)
    days = test.days or (kind.days if kind else None)
    if days and kind and kind.days:
        words += " (" + ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)} + ")"
    return words
