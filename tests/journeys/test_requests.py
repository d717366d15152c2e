"""Does a wish go from a call to the customer who hears what became of it, and does the shared page keep its secrets?"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import ChurnRecord, ExpectationGap, TimelineEntry, User
from common import jobs
from roadmap import actions
from roadmap.models import FeatureRequest, RequestAnswer, RequestEvidence, SharedRoadmap
from tests.factories import make_account, make_evidence, make_feature, make_line, make_request, make_user
from tests.journeys.book import Steps, Visitor
from tests.journeys.pages import walk
from tests.roadmap.ledgers import ledger_of

WORDS = "Each month we copy two hundred rows by hand into Excel."


def note_from_call(page: Page, account_id: int) -> None:
    """A call is on the timeline; what they asked for is noted from it in three fields."""
    page.goto(f"/accounts/{account_id}/timeline/")
    page.get_by_role("button", name="Actions for Weekly call").click()
    page.get_by_role("menuitem", name="Note a request").or_(
        page.get_by_role("link", name="Note a request")
    ).first.click()
    expect(page.get_by_label("In their words")).to_have_value(WORDS)
    page.get_by_label("What do they want?").press_sequentially("Excel exports")
    expect(page.get_by_text("Export to Excel").first).to_be_visible()
    expect(page.get_by_text("Both say: ").first).to_be_visible()
    page.get_by_label("How much does it matter to them?").select_option("3")
    page.get_by_role("button", name="Add request").click()
    page.get_by_role("button", name="Add as a new request").click()
    expect(page.get_by_text("Request noted: Excel exports").first).to_be_visible()


def merge_and_plan(page: Page, kept: FeatureRequest) -> None:
    """Product management merges the duplicate, says what customers read, plans it and ships it."""
    jobs.run_due(timezone.now())
    page.goto("/roadmap/duplicates/")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("is now part of").first).to_be_visible()
    expect(page.locator("blockquote", has_text=WORDS)).to_be_visible()

    page.goto(f"/roadmap/{kept.pk}/plan/")
    page.get_by_label("Title for customers").fill("Exports to a spreadsheet")
    page.get_by_label("Text for customers").fill("Every list leaves as a file.")
    page.get_by_role("button", name="Save").click()

    decide(page, kept, "planned", quarter=True)
    page.goto("/roadmap/board/")
    expect(page.get_by_role("link", name="Export to Excel")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Later: Export to Excel")).click()
    expect(page.get_by_text("is moved.").first).to_be_visible()
    decide(page, kept, "shipped")


def decide(page: Page, need: FeatureRequest, state: str, *, quarter: bool = False) -> None:
    page.goto(f"/roadmap/{need.pk}/state/")
    page.get_by_label("State").select_option(state)
    if quarter:
        page.get_by_label("Quarter").select_option(index=1)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Customers to be told: 2.").first).to_be_visible()


def share(page: Page) -> str:
    page.goto("/roadmap/shared/")
    page.get_by_label("Name").fill("What is coming")
    page.get_by_role("button", name="Add address").click()
    expect(page.get_by_text("The address is ready").first).to_be_visible()
    return SharedRoadmap.objects.get().token


def test_a_wish_from_a_call_is_merged_planned_shipped_and_told(visitor: Visitor) -> None:
    csm, manager = make_user(name="Canary Csm"), make_user("product_manager", name="Canary Manager")
    account = make_account(csm, name="Canary Tools")
    make_line(account, 737_373)
    ledger_of(account)
    TimelineEntry.objects.create(
        account=account, kind="call", title="Weekly call", body=WORDS, author=csm, at=timezone.now()
    )
    kept = make_request(title="Export to Excel", created_on=dt.date(2026, 1, 5))
    make_evidence(make_account(csm, name="Canary Rivers"), kept, verbatim="Canary words.")
    make_evidence(make_account(csm, name="Canary Woods", stage="churned"), kept)

    with visitor.signed_in(csm) as page:
        note_from_call(page, account.pk)
    with visitor.signed_in(manager) as page:
        merge_and_plan(page, kept)
        token = share(page)
    with visitor.opened() as context:
        page = context.new_page()
        page.goto(f"/shared/roadmap/{token}/")
        expect(page.get_by_text("Exports to a spreadsheet")).to_be_visible()
        assert not re.search(r"canary|737|two hundred rows|\$", page.content(), re.IGNORECASE)
    with visitor.signed_in(csm) as page:
        tell_everybody(page)
    assert RequestEvidence.objects.filter(request=kept).count() == 3
    assert set(RequestAnswer.objects.exclude(why="overtaken").values_list("state", flat=True)) == {
        "told", "replied", "not_applicable",
    }  # fmt: skip


def tell_everybody(page: Page) -> None:
    """The owner tells both customers at once, and one replies; it stands on the timeline."""
    page.goto("/roadmap/answers/")
    expect(page.get_by_text(WORDS)).to_be_visible()
    for name in ("Canary Tools · Export to Excel", "Canary Rivers · Export to Excel"):
        page.get_by_role("checkbox", name=re.compile(name)).check()
    page.locator("[data-bulk-bar]").get_by_role("button", name="Told").click()
    expect(page.get_by_text("2 customers told.").first).to_be_visible()
    answer = RequestAnswer.objects.get(state="told", account__name="Canary Tools")
    page.goto(f"/roadmap/answers/{answer.pk}/reply/")
    page.get_by_label("What did they reply?").fill("At last!")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Their reply is saved.").first).to_be_visible()
    page.goto(f"/accounts/{answer.account_id}/timeline/?kind=request")
    expect(page.get_by_text("Told of “Export to Excel”: Shipped")).to_be_visible()


def test_accounts_are_linked_in_four_steps_and_the_revenue_behind_is_seen(visitor: Visitor) -> None:
    """Task 12 of the core tasks: from the list of requests to the revenue behind one, without a mouse-only step."""
    who = make_user("admin")
    account = make_account(name="Norvik Group")
    make_line(account, 120_000)
    ledger_of(account)
    make_request(title="Export to Excel")
    with visitor.signed_in(who) as page:
        page.goto("/roadmap/requests/")
        steps = Steps(page)
        steps.step("request").get_by_role("link", name="Export to Excel").click()
        steps.step("link").get_by_role("link", name="Link accounts").first.click()
        page.get_by_label("Account", exact=True).press_sequentially("norv")
        steps.step("type and pick").get_by_role("checkbox", name=re.compile("Norvik Group")).check()
        steps.step("save").get_by_role("button", name="Save").click()
        expect(page.get_by_text("ARR behind it")).to_be_visible()
        expect(page.get_by_text("$120K").first).to_be_visible()
        steps.at_most(4)


def full_roadmap(owner: User) -> FeatureRequest:
    """Make one request with something on every part of its page, and others beside it."""
    by, at = make_user("product_manager"), timezone.now()
    who = {"by": by, "at": at}
    need = make_request(
        title="Export to Excel", description="All lists.\nAll columns.", feature=make_feature(), use_goal_percent=50,
        shared_title="Exports", promised_on=at.date() - dt.timedelta(days=9),
    )  # fmt: skip
    gone = make_request(title="Download the list as a spreadsheet")
    make_request(title="Excel exports")
    make_request(title="批量导出报表")
    for number in range(3):
        account = make_account(owner, name=f"Customer {number}")
        make_line(account, 10_000)
        ledger_of(account)
        make_evidence(account, need if number else gone, verbatim="导" * 400, is_blocker=True, importance=3)
        gap = ExpectationGap.objects.create(account=account, text="Exports", found_on=at.date())
        loss = ChurnRecord.objects.create(account=account, on=at.date() - dt.timedelta(days=9), arr_lost=5)
        actions.link_request(request=need, target=gap, **who)
        actions.link_request(request=need, target=loss, **who)
    actions.merge_requests(request=gone, into=need, **who)
    actions.change_state(request=need, state="planned", **who)
    actions.change_state(request=need, state="shipped", **who)
    actions.find_duplicates()
    return need


@pytest.mark.parametrize("role", ["admin", "csm"])
def test_nobody_is_shut_out_of_a_full_roadmap(visitor: Visitor, role: str) -> None:
    who = make_user(role)
    need = full_roadmap(who)
    merged = FeatureRequest.objects.exclude(merged_into=None).get()
    page_of_customers = actions.share_roadmap(name="What is coming", by=who, at=timezone.now())
    answer = RequestAnswer.objects.waiting().first()
    assert answer is not None
    one = f"/roadmap/{need.pk}/"
    forms = [
        "edit/",
        "plan/",
        "state/",
        "accounts/",
        "accounts/?q=zzz",
        "merge/",
        "merge/?q=zzz",
        "links/add/",
        "links/add/?q=zzz",
    ]
    with visitor.signed_in(who) as page:
        paths = [one, *(one + form for form in forms), f"/roadmap/{merged.pk}/", "/roadmap/requests/",
                 "/roadmap/requests/add/?title=excel", "/roadmap/board/", "/roadmap/duplicates/", "/roadmap/answers/",
                 f"/roadmap/answers/{answer.pk}/reply/", f"/roadmap/answers/{answer.pk}/excuse/", "/roadmap/gaps/",
                 "/roadmap/gaps/?settled=1", "/roadmap/shared/", f"/shared/roadmap/{page_of_customers.token}/",
                 f"/accounts/{answer.account_id}/requests/"]  # fmt: skip
        assert walk(page, paths) == {}
