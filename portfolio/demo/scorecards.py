"""Which scorecards does the demo book have beside the one that comes with Mainstay?"""

from __future__ import annotations

from accounts.models import User
from accounts.rules.roles import Role
from health.actions import add_scorecard, change_draft
from health.models import Scorecard
from health.queries.editor import standing_of
from health.rules.drafts import EMPTY, with_group, with_indicator, with_weights
from portfolio.demo.load import Plan

NEWCOMERS = "First 30 days"
# Contacts: −1 negative, 0 neutral, 1 positive.
SENTIMENT = {
    "key": "sentiment",
    "name": "Sentiment of the contacts",
    "source": "formula",
    "weight": 100,
    "steps": [[-1, 0], [0, 60], [0.5, 100]],
    "stale_days": 90,
    "shelf_days": 120,
    "params": {"of": {"what": "sentiment"}},
}


def draft_scorecards(plan: Plan) -> None:
    """Leave two drafts to look at and to preview: core use weighs more, newcomers have their own scorecard."""
    by = User.objects.filter(role=Role.ADMIN).order_by("pk").first()
    if by is None or Scorecard.objects.filter(name=NEWCOMERS).exists():
        return
    shipped = Scorecard.objects.order_by("-position").first()
    if shipped is not None:
        heavier = {"login_frequency": 6, "core_intensity": 16, "nps": 6, "issue_resolution": 14}
        definition = with_weights(standing_of(shipped).definition, heavier)
        change_draft(scorecard=shipped, definition=definition, by=by, at=plan.at)
    made = add_scorecard(name=NEWCOMERS, by=by, at=plan.at)
    group = with_group({**EMPTY, "coverage_floor": 0.5, "grace_days": 0}, "Voice")
    change_draft(
        scorecard=made,
        definition=with_indicator(group, "voice", SENTIMENT),
        conditions=[{"field": "days_since_signing", "operator": "at_most", "value": 30}],
        by=by,
        at=plan.at,
    )
