"""Which core tasks must be short, and how is each done? The same walk by mouse and by keyboard, in any language.

Each begins on the page where the person's day begins, signed in, and says in words what has to come of it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from playwright.sync_api import Locator, expect

from accounts.models import Account, Organisation, SavedView, ServiceAssignment, TimelineEntry, User
from common import jobs
from health.actions import score_accounts
from integrations.models import ApiToken
from playbooks import actions as playbooks
from playbooks.actions.shipped import install_shipped_playbooks
from playbooks.models import Run, Task
from portfolio.actions import rank_advocates, refresh_rows
from revenue.actions import derive_movements, sync_renewals
from revenue.models import Renewal
from roadmap.actions.ranking import rank_all
from tests.factories import AT, make_account, make_consent, make_contact, make_line
from tests.journeys.book import person
from tests.journeys.hands import Hand
from usage.models import SurveyAnswer

CSM, MANAGER, PRODUCT, ADMIN = "Jonas Weber", "Hanna Lindqvist", "Daniel Ortiz", "Noah Winters"
BRANCHES = 30
INDUSTRY = "Lighthouses"
BOOK = "external_id,name,currency\nS-1,Northern Light,USD\nS-2,Southern Light,EUR\n"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class CoreTask:
    """One task: its number in the list of core tasks (0 is an admin's), who does it, the most steps, and the walk."""

    number: int
    key: str
    who: str
    most: int
    walk: Callable[[Hand], None]


def today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


def set_the_stage() -> None:
    """Add to the small book what the tasks are done with."""
    who, at, on = person(CSM), timezone.now(), today()
    install_shipped_playbooks(at=at)
    branches = Account.objects.bulk_create(
        Account(name=f"Harbour branch {number:02}", external_id=f"HB-{number}", created_at=AT, updated_at=AT)
        for number in range(1, BRANCHES + 1)
    )
    ServiceAssignment.objects.bulk_create(
        ServiceAssignment(account=one, user=who, started_on=on - 90 * DAY) for one in branches
    )
    SavedView.objects.create(owner=who, name="Branches", query="q=Harbour+branch", created_at=at)
    for number in range(6):
        playbooks.add_task(account=branches[0], title=f"Errand {number}", by=who, at=at, due_on=on, assignee=who)
    for number in range(4):
        _promoter(who, number, on)
        make_line(branches[number], 4000, starts_on=on - 200 * DAY, ends_on=on + (40 + number) * DAY)
    derive_movements()
    sync_renewals(on=on, at=at)
    # A branch that comes first on Today has a score, and one of a week ago.
    for days in (7, 0):
        score_accounts(on=on - days * DAY, at=at, account_ids=[one.pk for one in branches])
    refresh_rows(on=on)
    rank_advocates(on=on)
    rank_all(on=on)


def _promoter(who: User, number: int, on: dt.date) -> None:
    account = make_account(who, name=f"Lantern {number}", industry=INDUSTRY)
    make_line(account, starts_on=on - 200 * DAY)
    contact = make_contact(account, name=f"Ada Lantern {number}")
    SurveyAnswer.objects.create(account=account, contact=contact, score=10, answered_on=on - 5 * DAY)
    make_consent(contact, given_on=on - 30 * DAY, expires_on=on + 300 * DAY)


# ── What a CSM does ─────────────────────────────────────────────────────────────────────────────────────────────────


def start_recommended_playbook(hand: Hand) -> None:
    before = set(Run.objects.values_list("pk", flat=True))
    start = hand.page.locator("#first").get_by_role(
        "link", name=hand.pattern("Start “%(playbook)s” for %(account)s", "playbook", "account")
    )
    hand.press("Start", start.first)
    hand.press("Start", hand.by("button", "Start", within=hand.page.get_by_role("dialog")))
    expect(hand.page.locator(".run-progress")).to_be_visible()
    run = Run.objects.exclude(pk__in=before).select_related("account", "playbook").get()
    hand.heard(hand.say("“%(playbook)s” started for %(account)s.", playbook=_shown(hand, run), account=run.account))


def _shown(hand: Hand, run: Run) -> str:
    return hand.in_words(lambda: run.playbook.shown_name)


def open_account(hand: Hand) -> None:
    name = _account_of(CSM).name
    hand.chord("Ctrl K", "Control+k", _search(hand))
    hand.pick("type and pick", _search(hand), name, hand.page.get_by_role("option", name=name).first)
    expect(hand.page.get_by_role("heading", level=1)).to_have_text(name)


def say_why_a_score_fell(hand: Hand) -> None:
    hand.press("account", hand.page.locator("#first .row-title").get_by_role("link").first)
    hand.press("score", hand.page.locator(".head-badge"))
    expect(hand.page).to_have_url(re.compile("/health/$"))
    expect(hand.by("heading", "What moved it")).to_be_visible()


def log_a_call(hand: Hand) -> None:
    account, note = _account_of(CSM), f"They move to the new plan ({hand.name}, {hand.language})."
    hand.chord("N", "n", hand.by("link", "Log a touch").first)
    field = hand.by("searchbox", "Account")
    found = hand.page.locator("#found").get_by_role("link", name=account.name).first
    hand.pick("account", field, account.name[:14], found)
    hand.press("template", hand.by("link", "Check-in"))
    expect(hand.by("textbox", "Note")).to_be_focused()
    hand.fill("note", hand.by("textbox", "Note"), note)
    hand.press("save", hand.by("button", "Save"))
    hand.heard(hand.say("Logged with %(name)s.", name=account.name))
    entry = TimelineEntry.objects.get(body=note)
    assert entry.follow_up_on == today() + 7 * DAY


def finish_a_task(hand: Hand) -> None:
    task = _next_task()
    hand.press("tick", hand.by("button", "Done: %(task)s", task=f"{task.shown_title} · {task.account.name}"))
    hand.heard(hand.say("Done: %(task)s", task=task.shown_title))
    assert Task.objects.get(pk=task.pk).state == Task.State.DONE


def put_a_task_off(hand: Hand) -> None:
    task = _next_task()
    hand.press("⋯", _menu_of(hand, task))
    hand.press("date", hand.by("button", "Until tomorrow: no time today", within=hand.page.locator(":popover-open")))
    expect(hand.page.locator("[data-message]")).to_be_visible()
    assert Task.objects.get(pk=task.pk).snoozed_until == today() + DAY


def hand_a_task_over(hand: Hand) -> None:
    task = _next_task()
    hand.press("⋯", _menu_of(hand, task))
    other = hand.page.locator(":popover-open").get_by_role("button", name="Amina Okafor")
    hand.press("person", other)
    expect(hand.page.locator("[data-message]")).to_be_visible()
    assert Task.objects.select_related("assignee").get(pk=task.pk).assignee == person("Amina Okafor")


def correct_a_forecast(hand: Hand) -> None:
    hand.press("Revenue", _section(hand, "Revenue"))
    cell = hand.page.get_by_role(
        "textbox", name=hand.pattern("Forecast for %(name)s, %(currency)s", "name", "currency")
    )
    wanted = cell.first
    pk = int((wanted.get_attribute("id") or "").removeprefix("amount-"))
    amount = 2500
    hand.into("cell", wanted)
    hand.fill("type", wanted, str(amount))
    hand.enter("Enter")
    expect(hand.page.locator("[data-message]").first).to_be_visible()
    expect(hand.page.locator(f"#amount-{pk}")).to_be_focused()
    hand.heard(Renewal.objects.select_related("account").get(pk=pk).account.name)
    assert Renewal.objects.get(pk=pk).expected_arr == amount


def start_playbook_on_many(hand: Hand) -> None:
    before = set(Run.objects.values_list("pk", flat=True))
    hand.press("view", _section(hand, "Branches"))
    hand.press("select all", hand.page.locator("[data-select-all]").first)
    expect(hand.page.locator("[data-bulk-count]").first).to_have_text(str(BRANCHES))
    hand.press("Start playbook", hand.by("button", "Start playbook"))
    books = hand.page.get_by_role("radio")
    books.first.wait_for()
    taken = set(Run.objects.filter(account__name__startswith="Harbour").values_list("playbook_id", flat=True))
    free = next(one for one in books.all() if int(one.get_attribute("value") or 0) not in taken)
    hand.press("playbook", hand.page.locator(f"#{free.get_attribute('id')}"))
    confirm = hand.count("Start for %(num)s account", "Start for %(num)s accounts", BRANCHES)
    hand.press("confirm", hand.page.get_by_role("button", name=confirm))
    expect(hand.page.locator("#progress")).to_be_visible()
    work()
    said = hand.count("%(count)s started", "%(count)s started", BRANCHES, count=BRANCHES)
    expect(hand.page.get_by_role("heading", level=1)).to_have_text(said)
    hand.heard(said)
    assert Run.objects.exclude(pk__in=before).count() == BRANCHES


def share_a_view(hand: Hand) -> None:
    name = f"Needs us ({hand.name}, {hand.language})"
    hand.press("filter", hand.page.locator("#book a[href*='band=']").first)
    expect(hand.page).to_have_url(re.compile("band="))
    hand.press("save view", hand.by("button", "Save view").first)
    hand.fill("name", hand.by("textbox", "Name of the view"), name)
    hand.press("save for the team", hand.by("button", "Save for team"))
    hand.heard(hand.say("View “%(name)s” saved.", name=name))
    view = SavedView.objects.get(name=name)
    assert "band=" in view.query
    assert view.team == person(MANAGER).team


def take_an_account_review_away(hand: Hand) -> None:
    name = _account_of(CSM).name
    hand.page.add_init_script("window.print = () => { document.title = 'printed'; };")
    hand.page.reload()
    hand.steps.loads = 0
    hand.chord("Ctrl K", "Control+k", _search(hand))
    hand.pick("account", _search(hand), name, hand.page.get_by_role("option", name=name).first)
    hand.press("Report", hand.by("link", "Report"))
    hand.press("Download", hand.by("button", "Print or save as PDF"))
    expect(hand.page).to_have_title("printed")
    # Chinese may bring the outlines of its signs along: tests/journeys/test_paper.py says when.
    assert 10_000 < len(hand.page.pdf(format="A4")) < (100_000 if hand.language == "en" else 400_000)


def ask_a_promoter(hand: Hand) -> None:
    hand.press("Advocacy", _section(hand, "Advocacy"))
    hand.press("industry", hand.page.locator("#promoters-chart").get_by_role("link", name=INDUSTRY))
    people = hand.page.locator("#list").get_by_role("link", name=re.compile("^Ada Lantern"))
    expect(hand.page).to_have_url(re.compile("industry="))
    name = people.first.inner_text()
    hand.press("person", people.first)
    hand.press("Ask", hand.by("link", "Ask"))
    hand.press("Send", hand.by("button", "Send"))
    kind = hand.say("Reference call")
    hand.heard(hand.say("%(name)s asked: %(kind)s.", name=name, kind=kind))


# ── What managers, product managers and admins do ───────────────────────────────────────────────────────────────────


def see_whose_book_got_worse(hand: Hand) -> None:
    hand.press("row", hand.page.locator("#books tbody").get_by_role("link").first)
    hand.press("driver", hand.page.locator("#list td a.badge").first)
    expect(hand.page).to_have_url(re.compile("/health/$"))
    expect(hand.by("heading", "What moved it")).to_be_visible()


def link_accounts_to_a_request(hand: Hand) -> None:
    hand.press("item", hand.page.locator("#list td[data-kind=name]").get_by_role("link").first)
    hand.press("Link accounts", hand.by("link", "Link accounts"))
    field = hand.by("searchbox", "Account")
    name = f"Harbour branch {_number(hand):02}"
    hand.pick("pick", field, name, hand.page.locator("#found").get_by_role("checkbox", name=re.compile(name)))
    hand.press("save", hand.by("button", "Save"))
    expect(hand.page.locator("[data-message]")).to_be_visible()
    expect(hand.page.get_by_text(hand.say("Share of ARR behind it"), exact=True)).to_be_visible()


def _number(hand: Hand) -> int:
    return 1 + ["mouse", "keyboard"].index(hand.name) + 2 * ["en", "zh-hans"].index(hand.language)


def bring_a_book_in(hand: Hand) -> None:
    hand.press("Import", hand.by("link", "Import").first)
    field = hand.page.locator("input[name=book]")
    with hand.page.expect_file_chooser() as choosing:
        hand.press("files", field)
    hand.steps.fields += 1
    choosing.value.set_files({"name": "accounts.csv", "mimeType": "text/csv", "buffer": BOOK.encode()})
    hand.press("upload", hand.by("button", "Upload and preview"))
    expect(hand.page).to_have_url(re.compile(r"/import/[0-9a-f-]{36}/"))
    work()
    hand.press("confirm", hand.page.locator(".page-header form button"))
    expect(hand.page.locator("#progress")).to_be_visible()
    work()
    done = hand.pattern("The book is in. Confirmed by %(name)s, finished on %(when)s.", "name", "when")
    expect(hand.page.get_by_text(done)).to_be_visible()
    assert Account.objects.filter(external_id__in=["S-1", "S-2"]).delete()[0]


def work() -> None:
    """Do what a worker would do."""
    while jobs.run_due(timezone.now()):
        pass


def publish_weights(hand: Hand) -> None:
    hand.press("Health", hand.by("link", "Health scores").first)
    weight = hand.page.locator("input[name^=weight-]").first
    hand.fill("weight", weight, str(int(float(weight.input_value())) + 5))
    hand.press("Preview", hand.by("button", "Preview"))
    expect(hand.by("heading", "Would it have warned?")).to_be_visible()
    hand.press("Publish", hand.page.locator("#publish").get_by_role("button"))
    expect(hand.page.locator("[data-message]")).to_be_visible()


def erase_a_contact(hand: Hand) -> None:
    email = f"former.{hand.name}.{hand.language}@branch.example"
    branch = Account.objects.get(external_id="HB-30")
    contact = make_contact(branch, name=f"Former {hand.name} {hand.language}", email=email)
    TimelineEntry.objects.create(account=branch, kind="note", title=f"Call with {contact.name}", at=timezone.now())
    hand.press("Privacy", hand.by("link", "Privacy").first)
    hand.fill("e-mail", hand.by("textbox", "E-mail of the person"), email)
    hand.press("Preview", hand.by("button", "Preview"))
    hand.press("Erase", hand.by("button", "Erase %(email)s", email=email))
    hand.heard(hand.say("The person is erased."))
    assert not TimelineEntry.objects.filter(title__contains=contact.name).exists()
    contact.refresh_from_db()
    assert (contact.email, contact.name) == ("", f"[{contact.pk}]")


def make_a_key(hand: Hand) -> None:
    name = f"Loader {hand.name} {hand.language}"
    hand.press("Keys", hand.by("link", "API tokens").first)
    hand.press("New", hand.by("link", "New token").first)
    hand.fill("name", hand.by("textbox", "Name"), name)
    hand.press("Create", hand.by("button", "Create the token"))
    expect(hand.by("heading", "Your new token")).to_be_visible()
    token = ApiToken.objects.get(name=name)
    assert token.scopes == ["ingest"]
    assert (token.expires_at - timezone.now()).days in (89, 90)


# ── What they share ─────────────────────────────────────────────────────────────────────────────────────────────────


def _account_of(name: str) -> Account:
    mine = Account.objects.visible_to(person(name)).exclude(stage="churned").exclude(external_id__startswith="HB-")
    return mine.order_by("name")[0]


def _search(hand: Hand) -> Locator:
    return hand.by("combobox", "Search or jump to")


def _section(hand: Hand, name: str) -> Locator:
    return hand.by("link", name, within=hand.page.get_by_role("navigation", name=hand.say("Main"), exact=True))


def _next_task() -> Task:
    open_now = Task.objects.filter(assignee=person(CSM), state=Task.State.OPEN, snoozed_until=None, due_on=today())
    return open_now.select_related("account").order_by("pk")[0]


def _menu_of(hand: Hand, task: Task) -> Locator:
    return hand.by("button", "Actions for %(name)s", name=f"{task.shown_title} · {task.account.name}")


CORE = (
    CoreTask(1, "start_recommended_playbook", CSM, 2, start_recommended_playbook),
    CoreTask(2, "open_account", CSM, 2, open_account),
    CoreTask(3, "say_why_a_score_fell", CSM, 2, say_why_a_score_fell),
    CoreTask(4, "log_a_call", CSM, 5, log_a_call),
    CoreTask(5, "finish_a_task", CSM, 1, finish_a_task),
    CoreTask(5, "put_a_task_off", CSM, 2, put_a_task_off),
    CoreTask(5, "hand_a_task_over", CSM, 2, hand_a_task_over),
    CoreTask(6, "correct_a_forecast", CSM, 4, correct_a_forecast),
    CoreTask(7, "start_playbook_on_many", CSM, 5, start_playbook_on_many),
    CoreTask(8, "share_a_view", MANAGER, 4, share_a_view),
    CoreTask(9, "take_an_account_review_away", CSM, 4, take_an_account_review_away),
    CoreTask(10, "see_whose_book_got_worse", MANAGER, 2, see_whose_book_got_worse),
    CoreTask(11, "ask_a_promoter", CSM, 5, ask_a_promoter),
    CoreTask(12, "link_accounts_to_a_request", PRODUCT, 4, link_accounts_to_a_request),
)
ADMINS = (
    CoreTask(0, "bring_a_book_in", ADMIN, 5, bring_a_book_in),
    CoreTask(0, "publish_weights", ADMIN, 4, publish_weights),
    CoreTask(0, "make_a_key", ADMIN, 4, make_a_key),
    CoreTask(0, "erase_a_contact", ADMIN, 4, erase_a_contact),
)
