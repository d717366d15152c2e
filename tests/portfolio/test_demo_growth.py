"""Does the demo book show case studies, sessions and referrals in all their states?"""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import User
from advocacy.models import CaseStudy, Referral, SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.case_studies import public_case
from advocacy.queries.referrals import referral_summary
from advocacy.queries.session_effect import effect_of_sessions
from portfolio.actions import refresh_rows
from portfolio.demo.growth import add_growth
from portfolio.demo.load import Plan, load_facts
from revenue.actions import derive_movements
from usage.actions import rebuild_rollups

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ON = dt.date(2026, 11, 23)
AT = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
PLAN = Plan(accounts=150, months=12, seed=7, on=ON, at=AT)


def test_every_page_has_something_to_show() -> None:
    load_facts(PLAN)
    derive_movements()
    rebuild_rollups()
    refresh_rows(on=ON)
    add_growth(PLAN)
    admin = User.objects.filter(role="admin").first()
    assert admin is not None

    states = set(CaseStudy.objects.values_list("state", flat=True))
    assert states == {"draft", "with_customer", "approved", "published", "withdrawn"}
    live = CaseStudy.objects.filter(state="published")
    assert all(public_case(str(case.token), ON) == case for case in live)
    assert all(case.proofs and case.quote for case in live)

    assert set(SharingSession.objects.values_list("state", flat=True)) == {"planned", "held"}
    rows = SessionInvitation.objects.filter(session__state="held")
    assert rows.came().filter(invited_on=None).exists()
    assert rows.stayed_away().count() > 20
    assert rows.filter(follow_up__follow_up_done_at=None, follow_up__isnull=False).exists()
    assert SessionTalk.objects.exists()
    effect = effect_of_sessions(list(SharingSession.objects.all()), admin, ON)
    assert effect.difference.mean is not None

    summary = referral_summary(Referral.objects.all(), admin, ON, with_money=True)
    assert set(Referral.objects.values_list("state", flat=True)) >= {
        "invited",
        "trial",
        "using",
        "shared",
        "signed",
        "lost",
    }
    assert summary.signed >= 5
    assert summary.to_thank > 0
    assert summary.arr is not None
    assert summary.arr > 0
    assert Referral.objects.filter(signed_on__lte=ON).count() == summary.signed
