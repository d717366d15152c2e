"""How is what an indicator measured said in one short line?"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formats import number, percent, signed


def _days(value: Decimal) -> str:
    return _("Active on %(days)s of 30 days") % {"days": number(value * 30)}


def _intensity(value: Decimal) -> str:
    if value < Decimal("0.05"):
        return _("No core feature in use")
    return _("%(count)s core actions per person and day") % {"count": number(value, 1)}


def _advanced(value: Decimal) -> str:
    if value == 0:
        return _("Nobody uses advanced features")
    return _("%(share)s of people use advanced features") % {"share": percent(value)}


def _renewal(value: Decimal) -> str:
    return _("Renewal talks are on plan") if value >= 1 else _("Renewal talks are behind plan")


def _expansion(value: Decimal) -> str:
    count = round(value)
    if count == 0:
        return _("No expansion in a year")
    return ngettext("%(count)s expansion in a year", "%(count)s expansions in a year", count) % {"count": number(count)}


SENTENCES: dict[str, Callable[[Decimal], str]] = {
    "login_frequency": _days,
    "feature_coverage": lambda value: _("Uses %(share)s of its features") % {"share": percent(value)},
    "core_intensity": _intensity,
    "advanced_penetration": _advanced,
    "milestone_rate": lambda value: _("%(share)s of due milestones reached") % {"share": percent(value)},
    "scenario_coverage": lambda value: _("%(share)s of business scenarios in use") % {"share": percent(value)},
    "nps": lambda value: _("NPS %(score)s") % {"score": signed(value) if value else "0"},
    "issue_resolution": lambda value: _("%(share)s of tickets resolved in time") % {"share": percent(value)},
    "renewal_progress": _renewal,
    "expansion_density": _expansion,
}


def sentence(indicator: str, value: Decimal | float | str | None, label: str = "") -> str:
    """Say what one indicator measured; one without a sentence of its own says its label and value.

    >>> sentence("login_frequency", "0.4"), sentence("nps", -20), sentence("own", 3, "Seats used")
    ('Active on 12 of 30 days', 'NPS −20', 'Seats used: 3')
    >>> sentence("nps", None, "NPS")
    'NPS: no data'
    """
    if value is None:
        return _("%(label)s: no data") % {"label": label or indicator}
    amount = Decimal(str(value))
    said = SENTENCES.get(indicator)
    return (
        said(amount)
        if said
        else _("%(label)s: %(text)s") % {"label": label or indicator, "text": number(amount, 1).removesuffix(".0")}
    )
