"""Is each feature used by many people or by few, often or seldom: depth and breadth of a customer's use?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import charts
from common.charts import Chart, Spot
from common.formats import number, percent
from portfolio.queries.account_head import AccountHead
from usage.models import Feature
from usage.queries import FeatureReach, active_people, feature_reach

DAYS = 30
HALF = 0.5
# So few people say little of a share.
FEW_PEOPLE = 5


@dataclass(frozen=True)
class Reach:
    """Each feature as a dot: across the share of people who use it, up how often each of them does."""

    chart: Chart
    title: str
    people: int

    @property
    def is_few(self) -> bool:
        """Whether so few people are active that shares say little."""
        return self.people < FEW_PEOPLE


def reach_of(head: AccountHead) -> Reach | None:
    """Draw depth and breadth of the last 30 days; None where the product does not say who acts."""
    people = active_people(head.account, head.on, days=DAYS)
    found = feature_reach(head.account, head.on, days=DAYS) if people else []
    if not found:
        return None
    wide = sum(one.people >= HALF * people for one in found)
    title = ngettext(
        "%(wide)s of %(all)s feature in use reaches half of the people or more",
        "%(wide)s of %(all)s features in use reach half of the people or more",
        len(found),
    )
    return Reach(_chart(found, people), title % {"wide": number(wide), "all": number(len(found))}, people)


def _chart(found: Sequence[FeatureReach], people: int) -> Chart:
    depths = sorted(one.events / one.people for one in found)
    return charts.quadrant(
        [
            Spot(
                one.feature.name, one.people / people, one.events / one.people, 0.15, _tone(one.feature),
                _said(one, people),
            )
            for one in found
        ],
        x_line=HALF,
        y_line=depths[len(depths) // 2],
        heads=(_("Feature"), _("People"), _("Times each"), _("In words")),
        formatted=percent,
        up_formatted=number,
        height=320,
        fields=(_("Few, often"), _("Many, often"), _("Few, seldom"), _("Many, seldom")),
    )  # fmt: skip


def _tone(feature: Feature) -> str:
    return "healthy" if feature.kind == Feature.Kind.RETENTION else "none"


def _said(one: FeatureReach, people: int) -> str:
    words = {"some": number(one.people), "all": number(people), "times": number(one.events / one.people)}
    return _("%(some)s of %(all)s people, %(times)s times each") % words
