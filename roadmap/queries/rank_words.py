"""How are ranks, their parts and their disagreements said in the reader's words?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from common.formats import number, percent
from roadmap.models import RankingSettings, RequestRank
from roadmap.queries.disagreements import Compared, Disagreement

PART_NAMES: Mapping[str, Promise] = {
    "asks": pgettext_lazy("of a need", "Frequency"),
    "accounts": gettext_lazy("Customers who share it"),
    "spread": gettext_lazy("Spread over segments"),
    "users": gettext_lazy("Active users"),
    "weighted": gettext_lazy("Value"),
}
FACTOR_NAMES: Mapping[str, Promise] = {
    **PART_NAMES,
    "validation": gettext_lazy("Validation by use"),
    "guard": gettext_lazy("Concentration guard"),
    "weights": gettext_lazy("Changed weights"),
    "support": gettext_lazy("Whether customers ask"),
}
ORDER_NAMES: Mapping[str, Promise] = {
    "arr": gettext_lazy("Plain ARR"),
    "rice": gettext_lazy("RICE"),
    "wsjf": gettext_lazy("WSJF"),
}
ABOUT_ORDERS: Mapping[str, Promise] = {
    "arr": gettext_lazy("The ARR of everybody who asks, uncapped."),
    "rice": gettext_lazy("Reach × impact × confidence / effort."),
    "wsjf": gettext_lazy("(Business value + time criticality + opportunity) / effort."),
}


def band_words(rank: RequestRank, settings: RankingSettings) -> str:
    """In which band a request stands, and why."""
    if rank.is_common:
        return ngettext(
            "Common need: %(count)s customer asks, and the band begins at %(threshold)s.",
            "Common need: %(count)s customers ask, and the band begins at %(threshold)s.",
            rank.accounts,
        ) % {"count": number(rank.accounts), "threshold": number(settings.threshold)}
    if not rank.accounts:
        return _("No paying customer asks for it.")
    return ngettext(
        "Not yet a common need: %(count)s customer asks, and the band begins at %(threshold)s.",
        "Not yet a common need: %(count)s customers ask, and the band begins at %(threshold)s.",
        rank.accounts,
    ) % {"count": number(rank.accounts), "threshold": number(settings.threshold)}


def order_words(compared: Compared) -> str:
    """How alike our order and another are, in one sentence: the title of its list."""
    name = str(ORDER_NAMES[compared.order])
    if compared.agreement is None:
        return _("%(order)s places too few requests to compare") % {"order": name}
    if compared.agreement >= 0.9:
        said = _("%(order)s orders the requests much as we do")
    elif compared.agreement >= 0.5:
        said = _("%(order)s agrees with us by and large")
    elif compared.agreement >= 0:
        said = _("%(order)s has little in common with our order")
    else:
        said = _("%(order)s orders the requests rather the other way round")
    return said % {"order": name}


def reason_words(one: Disagreement, order: str, settings: RankingSettings) -> str:
    """Why two orders disagree on a request, as one sentence."""
    rank = one.rank
    values: dict[str, Any] = {
        "customers": ngettext("%(num)s customer", "%(num)s customers", rank.accounts) % {"num": number(rank.accounts)},
        "threshold": number(settings.threshold),
        "share": percent(rank.largest_share),
        "validated": percent(rank.validation),
        "segments": number(rank.segments),
        "order": str(ORDER_NAMES[order]),
    }
    return " ".join(_reason(key) % values for key in one.reasons)


def _reason(key: str) -> str:
    texts = {
        "in_band": _("%(customers)s share it, so it stands in the common band."),
        "below_band": _("Behind it stand only %(customers)s; the common band begins at %(threshold)s."),
        "concentrated": _("One customer holds %(share)s of its value."),
        "large_accounts": _("Those who ask are large, so their ARR says more than their number."),
        "small_accounts": _("Those who ask are many and small, so their ARR says less than their number."),
        "widespread": _("It is asked for in %(segments)s segments."),
        "unvalidated": _("Of those who ask, %(validated)s really use the module."),
        "costly": _("It takes more effort than most, which our order does not look at."),
        "cheap": _("It takes less effort than most, which our order does not look at."),
        "doubted": _("The confidence is low."),
        "little_impact": _("The impact per customer is low."),
        "massive_impact": _("The impact per customer is high."),
        "urgent": _("It is put as urgent."),
        "not_urgent": _("It is put as not urgent."),
        "mixed": _("Several small differences add up; no single one decides."),
    }
    return texts[key]
