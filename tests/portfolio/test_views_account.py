"""Do the pages of one account show what is there, write what is asked, and nothing to who may not?"""

import datetime as dt
import re
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import (
    Account,
    AccountShare,
    BusinessGoal,
    ChurnRecord,
    Contact,
    ExpectationGap,
    Handoff,
    ImplementationRecord,
    Promise,
    ServiceAssignment,
    Tag,
    TimelineEntry,
)
from tests.factories import make_account, make_contact, make_handoff, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
TODAY = NOW.date()
TABS = ("account_timeline", "account_people", "account_handoff", "account_goals")
FORMS = (
    "account_edit", "account_tags", "account_churn_add", "account_touch_add", "contact_add", "account_share_add",
    "account_handoff_edit", "account_handoff_return", "promise_add", "expectation_gap_add", "implementation_record_add",
    "goal_add",
)  # fmt: skip
STEPS = ("account_handoff_submit", "account_handoff_accept")


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def filled(owner, number=1, **fields):
    """Make an account with some of everything, as many of each as asked."""
    account = make_account(owner=owner, live_on=TODAY, **fields)
    make_handoff(account)
    for place in range(number):
        contact = make_contact(account, role="champion", touched_on=TODAY - dt.timedelta(days=place))
        entry = TimelineEntry.objects.create(account=account, kind="call", title="Call", at=NOW, author=owner,
                                             follow_up_on=TODAY)  # fmt: skip
        entry.contacts.add(contact)
        Promise.objects.create(account=account, text="Ship SSO.", made_to=contact, due_on=TODAY)
        ExpectationGap.objects.create(account=account, text="Offline.", found_on=TODAY)
        record = ImplementationRecord.objects.create(account=account, stage="training", on=TODAY, outcome="Done.")
        record.attachments.create(file="x", name="plan.pdf", content_type="application/pdf", size=1, added_at=NOW)
        goal = BusinessGoal.objects.create(account=account, name=f"Goal {place}", baseline=10, target=2)
        goal.measurements.create(on=TODAY, value=4)
        AccountShare.objects.create(account=account, user=make_user(), shared_by=owner, shared_at=NOW)
        account.handoff.versions.create(number=place + 1, state="draft", sections={}, saved_at=NOW, saved_by=owner)
    return account


@pytest.mark.parametrize("name", TABS + FORMS)
def test_a_page_of_an_own_account_opens_and_of_a_foreign_one_is_not_there(client, csm, name):
    mine, foreign = filled(csm), filled(make_user())

    assert client.get(reverse(name, args=[mine.pk])).status_code == 200
    assert client.get(reverse(name, args=[foreign.pk])).status_code == 404
    assert client.post(reverse(name, args=[foreign.pk])).status_code in {404, 405}


@pytest.mark.parametrize("name", TABS)
def test_a_viewer_reads_a_tab_without_a_button_that_writes(client, name):
    account = filled(make_user())
    client.force_login(make_user("viewer"))

    page = client.get(reverse(name, args=[account.pk])).content.decode()

    main = page.partition("<main")[2]
    assert account.name in main
    assert 'method="post"' not in main


@pytest.mark.parametrize("name", FORMS + STEPS)
def test_a_viewer_writes_nothing(client, name):
    account = filled(make_user())
    client.force_login(make_user("viewer"))

    assert client.post(reverse(name, args=[account.pk]), {"name": "x", "text": "x"}).status_code == 404


@pytest.mark.parametrize("name", TABS)
def test_a_tab_costs_the_same_for_one_and_many_rows(client, csm, name, django_assert_max_num_queries):
    small, large = filled(csm, 1), filled(csm, 25)
    client.get(reverse(name, args=[small.pk]))

    with django_assert_max_num_queries(25) as one:
        client.get(reverse(name, args=[small.pk]))
    with django_assert_max_num_queries(len(one)):
        client.get(reverse(name, args=[large.pk]))


def test_an_account_is_made_and_changed(client, csm):
    fields = {"name": "Acme", "tier": "rabbit", "purchase_level": "team", "stage": "onboarding", "currency": "eur",
              "tags": "vip, 重要，beta", "domain": "https://acme.com/x"}  # fmt: skip
    assert client.post(reverse("account_add"), fields).status_code == 302
    account = Account.objects.get()
    assert (account.currency, account.domain) == ("EUR", "acme.com")
    assert set(account.tags.values_list("name", flat=True)) == {"vip", "重要", "beta"}

    changed = fields | {"industry": "Retail", "version": 1, "external_id": account.external_id}
    assert client.post(reverse("account_edit", args=[account.pk]), changed).status_code == 302
    account.refresh_from_db()
    assert (account.industry, account.version) == ("Retail", 2)


def test_an_account_below_one_that_is_not_seen_can_be_changed_and_stays_below(client, csm):
    above = make_account(make_user(), name="Zephyr Holding")
    account = make_account(csm, name="Acme")
    Account.objects.filter(pk=account.pk).update(parent=above)
    address = reverse("account_edit", args=[account.pk])
    assert "Zephyr" not in client.get(address).content.decode()

    fields = {"name": "Acme Foods", "external_id": account.external_id, "tier": account.tier, "version": 1,
              "purchase_level": account.purchase_level, "stage": account.stage, "currency": "EUR"}  # fmt: skip
    assert client.post(address, fields).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.parent) == ("Acme Foods", above)


def test_a_stale_form_shows_both_values_and_keeps_what_was_typed(client, csm):
    account = make_account(owner=csm, industry="Banking", version=2)
    fields = {"name": account.name, "external_id": account.external_id, "tier": "rabbit", "purchase_level": "team",
              "stage": "onboarding", "currency": "USD", "industry": "Shipping", "version": 1}  # fmt: skip

    answer = client.post(reverse("account_edit", args=[account.pk]), fields)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Banking" in page
    assert 'value="Shipping"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "\u200b"), ("currency", "x"), ("signed_on", "2026-02-31"), ("employees", "١٢"), ("parent", "Nobody")],
)
def test_a_bad_value_answers_422_with_the_form(client, csm, field, value):
    fields = {"name": "Acme", "tier": "rabbit", "purchase_level": "team", "stage": "onboarding", "currency": "EUR"}

    answer = client.post(reverse("account_add"), fields | {field: value})

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not Account.objects.exists()


def test_a_call_is_logged_from_a_template_with_its_follow_up(client, csm):
    account = make_account(owner=csm)
    contact = make_contact(account)
    address = reverse("account_touch_add", args=[account.pk]) + "?template=check_in"
    page = client.get(address)
    form = page.content.decode()
    assert "Check-in call" in form

    fields = {"title": "Check-in call", "body": "All well.", "kind": "call", "contacts": [contact.pk],
              "follow_up_on": "2027-01-08"}  # fmt: skip
    assert client.post(address, fields).status_code == 302

    entry = TimelineEntry.objects.get()
    assert (entry.kind, entry.details) == ("call", {"template": "check_in"})
    contact.refresh_from_db()
    assert contact.touched_on is not None


def test_the_account_of_a_touch_is_found_by_typing(client, csm):
    account = make_account(owner=csm, name="Acme 100%")
    make_account(owner=make_user(), name="Acme foreign")

    page = client.get(reverse("touch_add"), {"q": "100%"}).content.decode()

    assert reverse("account_touch_add", args=[account.pk]) in page
    assert "foreign" not in client.get(reverse("touch_add"), {"q": "acme"}).content.decode()


@pytest.mark.parametrize("text", ["\x00", "x" * 100_000, "\\", "%", "_"])
def test_a_wild_search_text_harms_nothing(client, csm, text):
    assert client.get(reverse("touch_add"), {"q": text}).status_code == 200


@pytest.mark.parametrize("after", ["", "x", "~", "2026~1", "2026-11-23T10:00:00+00:00~" + "9" * 40, "\x00"])
def test_a_wild_page_key_shows_the_first_page(client, csm, after):
    account = filled(csm)

    page = client.get(reverse("account_timeline", args=[account.pk]), {"after": after, "kind": "x"})

    assert page.status_code == 200
    assert "Call" in page.content.decode()


def test_the_timeline_pages_by_its_last_entry(client, csm):
    account = make_account(owner=csm)
    for number in range(35):
        TimelineEntry.objects.create(account=account, title=f"Entry {number:02}", at=NOW, author=csm)
    first = client.get(reverse("account_timeline", args=[account.pk])).content.decode()
    assert "Entry 34" in first
    assert "Entry 04" not in first

    after = first.partition("after=")[2].partition('"')[0]
    second = client.get(reverse("account_timeline", args=[account.pk]), {"after": unquote(after)}).content.decode()
    assert "Entry 04" in second
    assert "Entry 34" not in second


def test_a_fragment_is_the_same_part_of_the_page(client, csm):
    account = filled(csm)
    address = reverse("account_timeline", args=[account.pk])

    def without_tokens(answer):
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())

    page = without_tokens(client.get(address))
    part = without_tokens(client.get(address, headers={"HX-Request": "true"}))

    assert "<html" not in part
    assert part.strip() in page


def undo_address(client, answer) -> str:
    page = client.get(answer["Location"]).content.decode()
    return page.partition('action="/undo/')[2].partition('"')[0]


@pytest.mark.parametrize("act", ["entry", "contact", "promise", "tags", "follow_up"])
def test_an_act_can_be_undone_once(client, csm, act):
    account = filled(csm)
    old = Tag.objects.create(name="old")
    account.tags.set([old])
    entry, contact, promise = TimelineEntry.objects.get(), Contact.objects.get(), Promise.objects.get()
    do = {
        "entry": lambda: client.post(reverse("timeline_entry_delete", args=[entry.pk])),
        "contact": lambda: client.post(reverse("contact_left", args=[contact.pk])),
        "promise": lambda: client.post(reverse("promise_settle", args=[promise.pk]), {"state": "kept"}),
        "tags": lambda: client.post(reverse("account_tags", args=[account.pk]), {"tags": "new"}),
        "follow_up": lambda: client.post(reverse("follow_up_done", args=[entry.pk])),
    }

    def facts():
        return (
            TimelineEntry.objects.filter(title="Call", follow_up_done_at=None).count(),
            Contact.objects.get().left_on,
            Promise.objects.get().state,
            list(account.tags.values_list("name", flat=True)),
        )

    before = facts()
    address = "/undo/" + undo_address(client, do[act]())
    assert facts() != before

    assert client.post(address).status_code == 302
    assert facts() == before
    client.post(address)
    assert facts() == before


def test_somebody_elses_undo_is_not_offered(client, csm):
    account = filled(csm)
    contact = Contact.objects.get(account=account)
    address = "/undo/" + undo_address(client, client.post(reverse("contact_left", args=[contact.pk])))

    client.force_login(make_user("admin"))
    client.post(address)

    contact.refresh_from_db()
    assert contact.left_on is not None


def test_a_handoff_is_written_submitted_returned_and_accepted_on_its_page(client, csm):
    account = make_account(owner=csm)
    texts = dict.fromkeys(Handoff.SECTIONS, "Said.")

    def post(name, fields=None):
        return client.post(reverse(name, args=[account.pk]), fields or {})

    assert post("account_handoff_edit", {"risks": "One."}).status_code == 302
    assert post("account_handoff_submit").status_code == 302
    post("account_handoff_accept")
    assert Handoff.objects.get().state == "submitted"
    assert post("account_handoff_return", {"return_reasons": " "}).status_code == 422
    assert post("account_handoff_return", {"return_reasons": "Thin."}).status_code == 302
    assert "Thin." in client.get(reverse("account_handoff", args=[account.pk])).content.decode()
    version = Handoff.objects.get().version
    assert post("account_handoff_edit", texts | {"version": version}).status_code == 302
    post("account_handoff_submit")
    post("account_handoff_accept")
    handoff = Handoff.objects.get()
    assert handoff.state == "accepted"
    latest = handoff.versions.get(number=version + 1)
    assert "Said." in client.get(reverse("handoff_version", args=[latest.pk])).content.decode()


def test_the_ledger_the_archive_and_the_goals_take_new_rows(client, csm):
    account = make_account(owner=csm)

    def post(name, fields, *args):
        answer = client.post(reverse(name, args=args or [account.pk]), fields)
        assert answer.status_code == 302, answer.content.decode()

    post("contact_add", {"name": "Ada", "role": "champion", "sentiment": "positive"})
    post("promise_add", {"text": "Ship SSO.", "due_on": "2027-01-01", "made_to": Contact.objects.get().pk})
    post("expectation_gap_add", {"text": "Offline."})
    post("expectation_gap_close", {}, ExpectationGap.objects.get().pk)
    upload = SimpleUploadedFile("plan.pdf", b"%PDF-1.7")
    post("implementation_record_add", {"stage": "training", "on": "2026-01-05", "outcome": "Done.", "file": upload})
    post("goal_add", {"name": "Faster", "baseline": "10", "target": "2.5", "unit": "min"})
    post("goal_measurement_add", {"on": "2026-01-05", "value": "4"}, BusinessGoal.objects.get().pk)
    post("account_churn_add", {"on": "2026-01-05", "reason": "price", "currency": "USD", "arr_lost": "1000.50"})
    post("account_share_add", {"user": make_user().pk})

    record = ImplementationRecord.objects.get()
    answer = client.get(reverse("attachment_file", args=[record.attachments.get().pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    page = client.get(reverse("account_goals", args=[account.pk])).content.decode()
    assert "80% reached" in page
    assert ChurnRecord.objects.get().arr_lost == 1000.50


def test_a_file_of_a_foreign_account_is_not_there(client, csm):
    foreign = filled(make_user())
    attachment = ImplementationRecord.objects.get(account=foreign).attachments.get()

    assert client.get(reverse("attachment_file", args=[attachment.pk])).status_code == 404


def test_a_bad_file_answers_in_words_and_keeps_no_record(client, csm):
    account = make_account(owner=csm)
    fields = {"stage": "training", "on": "2026-01-05", "outcome": "Done.",
              "file": SimpleUploadedFile("x.svg", b"<svg/>")}  # fmt: skip

    answer = client.post(reverse("implementation_record_add", args=[account.pk]), fields)

    assert answer.status_code == 422
    assert "This kind of file cannot be kept" in answer.content.decode()
    assert not ImplementationRecord.objects.exists()


def test_the_map_says_what_is_missing(client, csm):
    account = make_account(owner=csm)
    make_contact(account, role="champion", left_on=TODAY)
    make_contact(account, role="end_user")

    page = client.get(reverse("account_people", args=[account.pk])).content.decode()

    assert "Champion lost." in page
    assert "Single thread." in page
    assert "Sponsor gap." in page


def test_a_manager_moves_accounts_with_the_urgent_ones_first(client):
    manager = make_user("cs_manager", visibility="all")
    old, new = make_user(), make_user()
    accounts = [make_account(owner=old) for _ in range(3)]
    client.force_login(manager)
    address = f"{reverse('account_transfer')}?from={old.pk}"
    assert accounts[0].name in client.get(address).content.decode()

    moved = client.post(address, {"to": new.pk, "accounts": [accounts[0].pk, accounts[1].pk]})

    assert moved.status_code == 302
    assert ServiceAssignment.objects.current().filter(user=new).count() == 2
    assert client.post(address, {"to": new.pk}).status_code == 422


def test_a_csm_may_not_transfer_or_assign(client, csm):
    account = make_account(owner=csm)

    assert client.get(reverse("account_transfer")).status_code == 404
    assert client.get(reverse("service_assignment_add", args=[account.pk])).status_code == 404
    assignment = ServiceAssignment.objects.get()
    assert client.post(reverse("service_assignment_end", args=[assignment.pk])).status_code == 404


def test_a_form_that_is_sent_twice_is_carried_out_once(client, csm):
    account = make_account(owner=csm)
    address = reverse("contact_add", args=[account.pk])
    key = client.get(address).content.decode().partition('name="form_key" value="')[2][:32]
    fields = {"name": "Ada", "role": "champion", "sentiment": "positive", "form_key": key}

    first, second = client.post(address, fields), client.post(address, fields)

    assert first["Location"] == second["Location"]
    assert Contact.objects.count() == 1


def test_a_form_with_a_mistake_can_be_sent_again(client, csm):
    account = make_account(owner=csm)
    address = reverse("contact_add", args=[account.pk])
    fields = {"name": "", "role": "champion", "sentiment": "positive", "form_key": "a" * 32}

    assert client.post(address, fields).status_code == 422
    assert client.post(address, fields | {"name": "Ada"}).status_code == 302
    assert Contact.objects.count() == 1
