"""What were the people of the demo told, and how did they answer what was recommended to them?"""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import count_unread, notify_people
from accounts.models import Handoff, Notification, SavedView, User, Way
from accounts.queries.notifications import managers_of, owners_of
from portfolio.demo.load import Plan
from portfolio.models import Recommendation
from portfolio.queries.recommendations import recommended, rows_of_concern
from portfolio.rules.recommendations import AT_RISK, LOW, RENEWAL_TALKS
from revenue.actions.reminders import remind_of_risks, tell_of_disagreements

DAYS = 28
ANSWERED = ("taken", "taken", "taken", "done", "later", "wrong", "", "")
# What pulled the scores of the past weeks down, the commonest first.
RULES = (
    f"{LOW}login_frequency",
    f"{LOW}nps",
    RENEWAL_TALKS,
    f"{LOW}feature_coverage",
    f"{LOW}issue_resolution",
    AT_RISK,
)


def tell_people(plan: Plan) -> None:
    """Fill bells, the record of recommendations, and one view of a team."""
    _handoffs(plan)
    remind_of_risks(on=plan.on, at=plan.at)
    tell_of_disagreements(at=plan.at)
    _answers(plan)
    _views(plan)
    # Nobody of the demo is mailed, and what is older than three days has been read.
    Notification.objects.update(way=Way.APP)
    read_by = plan.at - dt.timedelta(days=3)
    Notification.objects.filter(at__lt=read_by).update(read_at=plan.at)
    count_unread(User.objects.values_list("pk", flat=True))


def _handoffs(plan: Plan) -> None:
    waiting = Handoff.objects.filter(state=Handoff.State.SUBMITTED, submitted_at__isnull=False)
    for handoff in waiting.select_related("account"):
        account = handoff.account
        notify_people(
            owners_of(account) or managers_of(account),
            kind="handoff_waiting",
            title=lambda name=account.name: _("%(name)s: a handoff waits for your answer") % {"name": name},  # type: ignore[misc]
            cause=f"handoff:{handoff.pk}:{handoff.version}",
            at=handoff.submitted_at or plan.at,
            url=reverse("account_handoff", args=[account.pk]),
            account=account,
        )


def _answers(plan: Plan) -> None:
    """Recommendations of the past four weeks with their answers, and those of today."""
    rng = np.random.default_rng(plan.seed)
    made = []
    for person in User.objects.active().filter(role__in=(User.Role.CSM, User.Role.CS_MANAGER)).order_by("pk"):
        today = [(one.row.pk, one.rule) for one in recommended(person, plan.on)]
        made += [Recommendation(user=person, account_id=pk, rule=rule, on=plan.on) for pk, rule in today]
        shown_now = {pk for pk, _rule in today}
        others = list(rows_of_concern(person).order_by("-arr").values_list("pk", flat=True)[:40])
        others = [pk for pk in others if pk not in shown_now]
        for back in range(1, DAYS + 1):
            for pk in rng.permutation(others)[:3].tolist():
                answer = ANSWERED[int(rng.integers(len(ANSWERED)))]
                made.append(
                    Recommendation(
                        user=person, account_id=pk, rule=RULES[min(int(rng.exponential(1.6)), len(RULES) - 1)],
                        on=plan.on - dt.timedelta(days=back), answer=answer,
                        answered_at=plan.at - dt.timedelta(days=back) if answer else None,
                    )
                )  # fmt: skip
    Recommendation.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _views(plan: Plan) -> None:
    """One view that a manager shares with the team."""
    for manager in User.objects.active().filter(role=User.Role.CS_MANAGER).exclude(team=None):
        SavedView.objects.get_or_create(
            owner=manager, page="account_list", name="Key accounts at risk",
            defaults={"query": "tier=elephant&band=red&sort=-arr", "team": manager.team, "created_at": plan.at},
        )  # fmt: skip
