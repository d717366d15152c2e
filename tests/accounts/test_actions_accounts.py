"""Do accounts, their people and their owners change only as the rules say, and leave their traces?"""

import datetime as dt

import pytest

from accounts.actions import accounts, contacts, service_team, shares
from accounts.models import Account, AuditEvent, CustomField, ServiceAssignment, Tag, TimelineEntry
from accounts.queries.people_map import service_team as team_of
from common.errors import Conflict, Refused
from common.models import Job
from tests.factories import make_account, make_contact, make_team, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


def test_a_csm_owns_the_account_they_make():
    csm = make_user()

    account = accounts.create_account(by=csm, at=NOW, name="Acme", domain="https://www.Acme.com/about")

    assert account.domain == "acme.com"
    assert list(Account.objects.visible_to(csm)) == [account]
    assert AuditEvent.objects.filter(verb="account.created", actor=csm).count() == 1


def test_a_change_asks_for_a_new_score_once():
    admin, account = make_user("admin"), make_account()

    accounts.update_account(account=account, by=admin, at=NOW, industry="Retail")
    accounts.update_account(account=account, by=admin, at=NOW, region="EMEA")

    job = Job.objects.get(task="health.score_accounts")
    assert job.kwargs == {"account_ids": [account.pk]}


def test_a_stale_save_is_refused_with_both_values():
    admin, account = make_user("admin"), make_account(industry="Retail")
    accounts.update_account(account=account, by=admin, at=NOW, version=1, industry="Banking")

    with pytest.raises(Conflict) as refused:
        accounts.update_account(account=account, by=admin, at=NOW, version=1, industry="Shipping")

    assert refused.value.values == {"industry": ("Banking", "Shipping")}
    account.refresh_from_db()
    assert (account.industry, account.version) == ("Banking", 2)


def test_saving_what_is_there_changes_nothing():
    admin, account = make_user("admin"), make_account(industry="Retail")

    accounts.update_account(account=account, by=admin, at=NOW, version=1, industry="Retail")

    account.refresh_from_db()
    assert account.version == 1
    assert not AuditEvent.objects.filter(verb="account.changed").exists()


def test_the_hierarchy_stays_without_a_circle():
    admin, top = make_user("admin"), make_account()
    middle = make_account(parent=top)
    bottom = make_account(parent=middle)

    with pytest.raises(Refused, match="above itself"):
        accounts.update_account(account=top, by=admin, at=NOW, parent=bottom)
    accounts.update_account(account=bottom, by=admin, at=NOW, parent=top)

    assert Account.objects.get(pk=bottom.pk).parent_id == top.pk


def test_custom_values_are_stored_by_their_kind_and_others_are_kept():
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    CustomField.objects.create(key="plan", label="Plan", kind="choice", choices=["gold"])
    admin, account = make_user("admin"), make_account(custom={"plan": "gold"})

    accounts.update_account(account=account, by=admin, at=NOW, custom={"seats": "12"})

    account.refresh_from_db()
    assert account.custom == {"plan": "gold", "seats": 12}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("seats", "many", "Seats must be a number"),
        ("seats", "١٢", "Seats must be a number"),
        ("plan", "tin", "Plan must be one of: gold."),
        ("other", "x", "Unknown custom field: other."),
    ],
)
def test_an_unfit_custom_value_is_refused_in_words(key, value, words):
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    CustomField.objects.create(key="plan", label="Plan", kind="choice", choices=["gold"])
    admin, account = make_user("admin"), make_account()

    with pytest.raises(Refused, match=words):
        accounts.update_account(account=account, by=admin, at=NOW, custom={key: value})


def test_an_emptied_custom_value_goes_away():
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    admin, account = make_user("admin"), make_account(custom={"seats": 3})

    accounts.update_account(account=account, by=admin, at=NOW, custom={"seats": ""})

    account.refresh_from_db()
    assert account.custom == {}


def test_a_new_stage_stands_on_the_timeline():
    admin, account = make_user("admin"), make_account()

    accounts.set_stage(account=account, stage="adoption", by=admin, at=NOW)

    entry = TimelineEntry.objects.get(account=account)
    assert (entry.kind, entry.title) == ("stage", "Stage: Onboarding → Adoption")


def test_setting_tags_answers_with_what_undoing_needs():
    admin, account = make_user("admin"), make_account()
    old, new = Tag.objects.create(name="old"), Tag.objects.create(name="new")
    account.tags.set([old])

    before = accounts.set_tags(account=account, tags=[new], by=admin, at=NOW)

    assert before == [old.pk]
    assert list(account.tags.all()) == [new]


def test_a_new_owner_ends_the_old_ones_time_on_that_day():
    manager, old, new = make_user("cs_manager"), make_user(), make_user()
    account = make_account(owner=old)

    service_team.assign(account=account, user=new, role="csm", by=manager, at=NOW)

    times = dict(account.assignments.values_list("user", "ended_on"))
    assert times == {old.pk: TODAY, new.pk: None}
    yesterday, today = (
        ServiceAssignment.objects.owners().active_on(day).get(account=account).user for day in (TODAY - DAY, TODAY)
    )
    assert (yesterday, today) == (old, new)
    assert account.timeline.get().kind == "owner"


def test_two_owners_on_one_day_leave_only_the_last():
    manager, first, second = make_user("cs_manager"), make_user(), make_user()
    account = make_account()
    service_team.assign(account=account, user=first, role="csm", by=manager, at=NOW)

    service_team.assign(account=account, user=second, role="csm", by=manager, at=NOW)

    assert [row.user for row in account.assignments.all()] == [second]


def test_an_assignment_neither_starts_nor_ends_in_the_future():
    manager, csm, account = make_user("cs_manager"), make_user(), make_account()

    with pytest.raises(Refused, match="first day"):
        service_team.assign(account=account, user=csm, role="csm", by=manager, at=NOW, started_on=TODAY + DAY)
    made = service_team.assign(account=account, user=csm, role="csm", by=manager, at=NOW, started_on=TODAY - DAY)
    with pytest.raises(Refused, match="last day"):
        service_team.end_assignment(assignment=made, by=manager, at=NOW, ended_on=TODAY + DAY)


def test_history_is_not_rewritten_by_a_day_before_a_later_assignment():
    manager, old, new = make_user("cs_manager"), make_user(), make_user()
    account = make_account()
    service_team.assign(account=account, user=old, role="csm", by=manager, at=NOW, started_on=TODAY - DAY)

    with pytest.raises(Refused):
        service_team.assign(account=account, user=new, role="csm", by=manager, at=NOW, started_on=TODAY - 5 * DAY)


def test_a_key_account_asks_for_its_iron_triangle():
    manager, csm = make_user("cs_manager"), make_user()
    account = make_account(owner=csm, tier="elephant")
    service_team.assign(account=account, user=make_user(), role="solution_expert", by=manager, at=NOW)

    team = team_of(account, TODAY)

    assert team.missing_roles == ("delivery_manager",)
    assert len(team.current) == 2


def test_a_transfer_moves_all_accounts_with_few_queries(django_assert_max_num_queries):
    manager, old, new = make_user("cs_manager"), make_user(), make_user()
    book = [make_account(owner=old) for _ in range(30)]

    with django_assert_max_num_queries(25):
        moved = service_team.transfer_accounts(accounts=book, to=new, by=manager, at=NOW, note="Ask Ada.")

    assert moved == 30
    assert Account.objects.visible_to(new).count() == 30
    assert Account.objects.visible_to(old).count() == 0
    assert AuditEvent.objects.get(verb="accounts.transferred").changes["count"] == 30
    assert TimelineEntry.objects.filter(kind="owner").count() == 30


def test_a_contact_who_leaves_stands_on_the_timeline_and_can_come_back():
    csm = make_user()
    contact = make_contact(make_account(owner=csm), role="champion")

    left = contacts.mark_contact_left(contact=contact, by=csm, at=NOW)
    assert left.left_on == TODAY
    assert TimelineEntry.objects.get().kind == "contact"

    back = contacts.mark_contact_back(contact=left, by=csm, at=NOW)
    assert back.left_on is None
    assert not TimelineEntry.objects.exists()


def test_the_audit_of_a_contact_holds_no_personal_value():
    csm = make_user()
    contact = make_contact(make_account(owner=csm))

    contacts.update_contact(contact=contact, by=csm, at=NOW, email="secret@example.com", role="blocker")

    changes = AuditEvent.objects.get(verb="contact.changed").changes
    assert "secret" not in str(changes)
    assert changes["role"] == ["end_user", "blocker"]


def test_a_share_lets_a_team_see_an_account_until_it_ends():
    team = make_team()
    owner, colleague = make_user(), make_user(team=team)
    account = make_account(owner=owner)

    share = shares.share_account(account=account, team=team, by=owner, at=NOW)
    assert list(Account.objects.visible_to(colleague)) == [account]

    shares.end_share(share=share, by=owner, at=NOW)
    assert list(Account.objects.visible_to(colleague)) == []
