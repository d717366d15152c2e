"""Does the nightly run bring case studies and referrals up to the day?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from advocacy.tasks import follow_growth
from tests.factories import make_account, make_case, make_line, make_referral

pytestmark = pytest.mark.django_db


def test_what_is_past_its_day_expires_and_what_pays_has_signed() -> None:
    today = timezone.now().date()
    case = make_case(
        make_account(), state="published", token="t" * 32, approved_on=today, published_on=today - dt.timedelta(days=9),
        expires_on=today - dt.timedelta(days=1),
    )  # fmt: skip
    referral = make_referral(make_account(), account=make_account())
    make_line(referral.account, starts_on=today)

    assert follow_growth() == {"case_studies": 1, "referrals": 1}
    case.refresh_from_db()
    referral.refresh_from_db()
    assert (case.state, case.token, referral.state) == ("expired", None, "signed")
    assert follow_growth() == {"case_studies": 0, "referrals": 0}
