"""Does an admin set the terms of renewals on a page?"""

from __future__ import annotations

import pytest
from django.test import Client

from common.models import Job
from revenue.models import RenewalPolicy
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_an_admin_changes_the_terms_and_calls_follow(client: Client) -> None:
    client.force_login(make_user("admin"))
    assert client.get("/settings/renewals/").status_code == 200
    terms = {f.name: getattr(RenewalPolicy(), f.name) for f in RenewalPolicy._meta.concrete_fields if f.name != "id"}
    assert client.post("/settings/renewals/", {**terms, "renew_percent": 90}).status_code == 302
    assert RenewalPolicy.load().renew_percent == 90
    assert Job.objects.filter(task="revenue.call_renewals").exists()


@pytest.mark.parametrize("wrong", [{"renew_percent": 101}, {"near_update_days": 0}, {"quiet_days": ""}])
def test_a_term_out_of_bounds_is_refused(client: Client, wrong: dict[str, object]) -> None:
    client.force_login(make_user("admin"))
    terms = {f.name: getattr(RenewalPolicy(), f.name) for f in RenewalPolicy._meta.concrete_fields if f.name != "id"}
    assert client.post("/settings/renewals/", {**terms, **wrong}).status_code == 422
    assert not RenewalPolicy.objects.exists()
