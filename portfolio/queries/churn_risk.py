"""How likely is an account to leave, by which model, and for what reasons?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Account
from common import charts
from common.charts import Chart, Item
from common.formats import number, percent
from health.models import ChurnModel, ChurnRisk
from health.queries.figures import figure_names

# A risk older than this many days is marked.
FRESH_DAYS = 2


@dataclass(frozen=True)
class RiskCard:
    """The newest risk of an account, ready to be shown."""

    on: dt.date
    soon: Decimal
    later: Decimal
    chart: Chart
    source: str
    against_usual: str
    is_old: bool


def churn_risk(account: Account, on: dt.date) -> RiskCard | None:
    """Read the newest risk by a day; None while there is none."""
    risk = account.churn_risks.filter(on__lte=on).select_related("model").defer("model__parameters").first()
    if risk is None:
        return None
    return RiskCard(
        on=risk.on,
        soon=risk.p90,
        later=risk.p365,
        chart=_chart(risk),
        source=_source(risk.model),
        against_usual=_against_usual(risk),
        is_old=(on - risk.on).days > FRESH_DAYS,
    )


def _chart(risk: ChurnRisk) -> Chart:
    """Bars to the left push the risk up, as all that is bad stands at the left."""
    names = figure_names(key for key, _share in risk.reasons)
    items = [Item(names[key], -share, percent(abs(share))) for key, share in risk.reasons]
    return charts.drivers(items, heads=(_("Reason"), pgettext("part of a whole", "Share")))


def _source(model: ChurnModel | None) -> str:
    if model is None:
        return _("By published figures: base rate by purchase level and the effects of warnings.")
    area = (model.measures.get("model") or {}).get("auc")
    words = {"number": model.number, "value": number(area[0], 2) if area else number(None)}
    return _("By the model of your own history, version %(number)s (AUC %(value)s on days held out).") % words


def _against_usual(risk: ChurnRisk) -> str:
    """Compare with the share that leaves on average, where a model knows it."""
    if risk.model is None or not risk.model.base_rate:
        return ""
    return _("on average %(rate)s") % {"rate": percent(risk.model.base_rate, 1)}
