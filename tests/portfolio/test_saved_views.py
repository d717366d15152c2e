"""Does an open view say that it was changed, and change for others only when its owner says so?"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import SavedView
from advocacy.models import Advocate
from playbooks.actions import evaluate_triggers
from playbooks.models import Run
from playbooks.queries.views import accounts_in_view
from portfolio.actions.rows import refresh_rows
from portfolio.models import AccountRow
from portfolio.queries.saved_views import PRESETS, is_same_list, presets_for
from tests.factories import AT, make_account, make_advocate, make_contact, make_playbook, make_team, make_user
from usage.models import SurveyAnswer

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user("cs_manager", team=make_team())
    client.force_login(user)
    make_row(make_account(make_user(team=user.team), name="Boreal"))
    return user


def make_row(account, **fields):
    return AccountRow.objects.create(
        account=account, name=account.name, external_id=account.external_id, search_text=account.name.lower(),
        stage="mature", **fields,
    )  # fmt: skip


def make_view(owner, query="band=red", **fields):
    return SavedView.objects.create(owner=owner, name="Red ones", query=query, created_at=AT, **fields)


def page(client, query):
    return client.get(f"{reverse('account_list')}?{query}").content.decode()


@pytest.mark.parametrize(
    ("query", "kept", "same"),
    [
        ("band=red&view=3", "band=red", True),
        ("band=red&q=&tier=&sort=name&after=x", "band=red", True),
        ("band=yellow&band=red", "band=red&band=yellow", True),
        ("band=red&sort=-arr", "band=red", False),
        ("", "band=red", False),
        ("band=red&columns=arr", "band=red", False),
    ],
)
def test_empty_filters_and_the_place_make_no_change(query, kept, same):
    assert is_same_list(QueryDict(query), kept) is same


def test_an_open_view_is_named_and_a_change_offers_save_save_as_and_reset(client, manager):
    view = make_view(manager, "sort=-arr")

    opened = page(client, f"sort=-arr&view={view.pk}")
    assert "Red ones" in opened
    assert "Reset" not in opened
    changed = page(client, f"sort=-arr&q=bor&view={view.pk}")
    assert all(word in changed for word in ("Changed", "Save as", "Reset"))
    sent = re.search(r'action="/views/\d+/update/".*?name="query" value="([^"]*)"', changed, re.DOTALL)
    assert sent
    answer = client.post(reverse("saved_view_update", args=[view.pk]), {"query": sent[1].replace("&amp;", "&")})
    view.refresh_from_db()
    assert is_same_list(QueryDict(view.query), "sort=-arr&q=bor")
    assert answer["Location"].endswith(f"view={view.pk}")


def test_a_shared_view_is_saved_for_the_team_by_its_owner_alone(client, manager):
    view = make_view(manager, "sort=-arr", team=manager.team)
    colleague = make_user("csm", team=manager.team)

    assert "Save for team" in page(client, f"sort=-arr&q=bor&view={view.pk}")
    client.force_login(colleague)
    make_row(make_account(colleague, name="Boreal two"))
    theirs = page(client, f"sort=-arr&q=bor&view={view.pk}")
    assert "Reset" in theirs
    assert "Save for team" not in theirs
    client.post(reverse("saved_view_update", args=[view.pk]), {"query": "q=mine"})
    view.refresh_from_db()
    assert view.query == "sort=-arr"


def test_it_is_shared_and_taken_back_by_its_owner(client, manager):
    view = make_view(manager)

    client.post(reverse("saved_view_share", args=[view.pk]), {"for_team": "1"})
    view.refresh_from_db()
    assert view.team_id == manager.team_id
    client.post(reverse("saved_view_share", args=[view.pk]), {"for_team": "0"})
    view.refresh_from_db()
    assert view.team_id is None
    csm = make_user(team=manager.team)
    client.force_login(csm)
    own = make_view(csm)
    assert client.post(reverse("saved_view_share", args=[own.pk]), {"for_team": "1"}).status_code == 404


def test_a_deleted_view_comes_back_by_undo(client, manager):
    view = make_view(manager, "sort=-arr")
    said = client.post(reverse("saved_view_delete", args=[view.pk]), follow=True).content.decode()
    undo = re.search(r'action="(/undo/[^"]+)"', said)

    assert undo
    assert not SavedView.objects.exists()
    client.post(undo[1])
    assert SavedView.objects.get().query == "sort=-arr"


@pytest.mark.parametrize("key", ["999999", "x", "٣", "9" * 40, "-1", ""])
def test_a_view_that_is_not_there_leaves_the_list_as_it_is(client, manager, key):
    answer = client.get(reverse("account_list"), {"view": key})

    assert answer.status_code == 200
    assert "Boreal" in answer.content.decode()


def test_a_view_of_a_filter_that_is_gone_opens_with_a_notice(client, manager):
    view = make_view(manager, "cf_gone=1")

    answer = client.get(f"{reverse('account_list')}?cf_gone=1&view={view.pk}")

    assert answer.status_code == 400
    assert "There is a problem" in answer.content.decode()


@pytest.mark.parametrize("role", ["csm", "cs_manager", "product_manager", "viewer", "admin"])
def test_the_five_shipped_views_open_for_every_role_and_stand_in_the_side_bar(client, role):
    user = make_user(role)
    client.force_login(user)
    assert len(PRESETS) == 5
    for preset in presets_for(user):
        answer = client.get(f"{reverse('account_list')}?{preset.query}&view={preset.key}")
        text = answer.content.decode()
        assert answer.status_code == 200, (role, preset.key)
        assert str(preset.name) in text
        assert "Changed" not in text


def test_no_sponsor_and_promoters_find_whom_they_name(client):
    csm = make_user()
    client.force_login(csm)
    today = timezone.now().date()
    with_sponsor, without, loved = (make_account(csm, name=name) for name in ("Sponsored", "Alone", "Loved"))
    for account in (with_sponsor, without, loved):
        make_row(account, owner=csm, arr=10)
    make_contact(with_sponsor, role="champion")
    make_contact(without, role="champion", left_on=today - dt.timedelta(days=3))
    make_contact(without, role="end_user")
    fan, former = make_contact(loved, role="decision_maker"), make_contact(without, role="blocker")
    for contact, score, days in ((fan, 9, 20), (former, 10, 100), (former, 3, 5)):
        SurveyAnswer.objects.create(
            account=contact.account, contact=contact, score=score, answered_on=today - dt.timedelta(days=days),
            external_id=f"{contact.pk}-{days}",
        )  # fmt: skip

    def names(query):
        return set(re.findall(r'data-kind="name"><a href="[^"]+">([^<]+)<', page(client, query)))

    assert names("sponsor=false") == {"Alone"}
    assert names("promoter=true") == {"Loved"}
    assert names("promoter=false") == {"Sponsored", "Alone"}


def test_advocates_are_those_who_agreed_or_speak_for_us(client):
    csm = make_user()
    client.force_login(csm)
    for stage in ("identified", "agreed", "active", "withdrawn"):
        account = make_account(csm, name=stage)
        make_row(account, owner=csm, arr=10)
        make_advocate(account, contact=make_contact(account), stage=stage)

    def names(query):
        return set(re.findall(r'data-kind="name"><a href="[^"]+">([^<]+)<', page(client, query)))

    assert names("advocate=true") == {"agreed", "active"}
    assert names("advocate=false") == {"identified", "withdrawn"}


def test_advocate_care_starts_once_for_whom_a_view_of_advocates_shows():
    csm = make_user()
    view = SavedView.objects.create(owner=csm, name="Advocates", query="advocate=true", created_at=AT)
    make_playbook(triggers=[{"kind": "saved_view", "view": view.pk}])
    speaks, asked = make_account(csm, name="Speaks"), make_account(csm, name="Asked")
    advocate = make_advocate(speaks, stage="active")
    make_advocate(asked, stage="asked")
    refresh_rows(on=AT.date())
    for days in range(2):
        evaluate_triggers(on=AT.date() + dt.timedelta(days=days), at=AT + dt.timedelta(days=days))

    assert list(Run.objects.values_list("account", "cause")) == [(speaks.pk, "saved_view")]
    Advocate.objects.filter(pk=advocate.pk).update(stage="withdrawn", withdrawn_cause="red")
    assert list(accounts_in_view(view.pk, AT.date())) == []
