"""What does a product manager see first: was what is asked for shipped and told, and what is in use?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, F, Min, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, User
from common import charts
from common.charts import Chart, Group, Item
from common.formats import number, percent
from roadmap.models import FeatureRequest, RequestAnswer, RequestEvidence
from roadmap.queries.ranking_facts import IDS
from usage.models import AccountFeatureUse, Feature

USED_DAYS = 30
SHOWN_FEATURES, SHOWN_SHIPPED = 12, 6


@dataclass(frozen=True)
class Shipped:
    """One request that was shipped and of which customers that asked have not heard yet."""

    request: FeatureRequest
    waiting: int
    overdue: int
    told: int


@dataclass(frozen=True)
class Adoption:
    """How many of the customers use each feature: those of the catalogue that most and that fewest use."""

    chart: Chart
    title: str


@dataclass(frozen=True)
class RoadmapLanding:
    """What stands beside the ranking on the page where product managers begin."""

    loop: Chart
    loop_title: str
    shipped: Sequence[Shipped]
    waiting: int
    overdue: int
    adoption: Adoption | None


def roadmap_landing(user: User, on: dt.date) -> RoadmapLanding:
    """Read what was asked, shipped and told, who waits, and what is used, as far as a person sees the customers."""
    asked, had = _asked_and_shipped(user)
    answers = RequestAnswer.objects.visible_to(user).filter(change__after=FeatureRequest.State.SHIPPED)
    told = answers.filter(state__in=RequestAnswer.HEARD).order_by().values("request", "account").distinct().count()
    shipped = _waiting(answers, on)
    return RoadmapLanding(
        loop=charts.bars(
            [Item(_("Asked"), asked), Item(_("Shipped"), had), Item(_("Told"), min(told, had))],
            heads=(_("Step"), _("Customers and needs")), height=180,
        ),
        loop_title=_loop_title(asked, had, min(told, had)),
        shipped=shipped[:SHOWN_SHIPPED],
        waiting=sum(one.waiting for one in shipped),
        overdue=sum(one.overdue for one in shipped),
        adoption=_adoption(user, on),
    )  # fmt: skip


def _asked_and_shipped(user: User) -> tuple[int, int]:
    """How many times a customer asked for a need, each need once, and how many of these were shipped; one query."""
    once = F("request_id") * Value(IDS, output_field=BigIntegerField()) + F("account_id")
    shipped = Q(request__state=FeatureRequest.State.SHIPPED)
    found = RequestEvidence.objects.visible_to(user).aggregate(
        asked=Count(once, distinct=True), shipped=Count(once, distinct=True, filter=shipped)
    )
    return found["asked"], found["shipped"]


def _loop_title(asked: int, shipped: int, told: int) -> str:
    if not asked:
        return _("Nobody has asked for anything yet")
    words = {"asked": number(asked), "shipped": number(shipped), "told": number(told)}
    return _("Of %(asked)s asks %(shipped)s were shipped, and %(told)s heard of it") % words


def _waiting(answers: QuerySet[RequestAnswer], on: dt.date) -> list[Shipped]:
    """The shipped requests of which somebody waits to hear, the longest first; two queries."""
    waits = Q(state=RequestAnswer.State.WAITING)
    counted = answers.order_by().values("request").annotate(
        waiting=Count("pk", filter=waits), overdue=Count("pk", filter=waits & Q(due_on__lt=on)),
        heard=Count("account", filter=Q(state__in=RequestAnswer.HEARD), distinct=True),
        first=Min("due_on", filter=waits),
    ).filter(waiting__gt=0).order_by("first", "request")  # fmt: skip
    rows = list(counted)
    requests = FeatureRequest.objects.in_bulk([row["request"] for row in rows])
    return [Shipped(requests[row["request"]], row["waiting"], row["overdue"], row["heard"]) for row in rows]


def _adoption(user: User, on: dt.date) -> Adoption | None:
    """The share of customers who used each feature in the last days, of those who used any; two queries."""
    seen = Account.objects.visible_to(user)
    recent = AccountFeatureUse.objects.filter(last_on__gt=on - dt.timedelta(days=USED_DAYS), account__in=seen)
    users = recent.order_by().values("account").distinct().count()
    if not users:
        return None
    by_feature = dict(recent.order_by().values_list("feature").annotate(n=Count("account")))
    kept = Feature.objects.exclude(retired_on__lte=on)
    ordered = sorted(kept, key=lambda feature: (-by_feature.get(feature.pk, 0), feature.name))
    if len(ordered) > SHOWN_FEATURES:
        ordered = [*ordered[: SHOWN_FEATURES // 2], *ordered[-SHOWN_FEATURES // 2 :]]
    return _drawn(ordered, by_feature, users) if ordered else None


def _drawn(features: Sequence[Feature], by_feature: dict[int, int], users: int) -> Adoption:
    groups = [
        Group(
            feature.name, by_feature.get(feature.pk, 0) / users,
            note=_("%(num)s of %(all)s") % {"num": number(by_feature.get(feature.pk, 0)), "all": number(users)},
            href=f"{reverse('feature_requests')}?module={feature.module_id}",
        )
        for feature in features
    ]  # fmt: skip
    heads = (_("Feature"), _("Share of customers"), _("Before"), _("Target"), _("Customers"))
    first, last = features[0], features[-1]
    words = {
        "most": first.name, "share": percent(by_feature.get(first.pk, 0) / users),
        "least": last.name, "other": percent(by_feature.get(last.pk, 0) / users),
    }  # fmt: skip
    title = _("%(share)s of customers use %(most)s, %(other)s use %(least)s") % words
    return Adoption(charts.comparison(groups, heads=heads, formatted=percent), title)
