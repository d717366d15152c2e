"""What do the demo customers need most, what would it take, and how did the ranking come to be what it is?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import Account, Contact, User
from accounts.rules.roles import Role
from portfolio.demo.load import Plan
from revenue.models import Renewal
from revenue.queries import arr_by_account
from roadmap.actions.estimates import change_estimate, change_needs
from roadmap.actions.planning import add_plan, choose_plan, start_plan
from roadmap.actions.ranking import note_past_day, rank_all
from roadmap.models import FeatureRequest, QuarterPlan, RequestEvidence
from roadmap.queries.ranking_facts import open_requests
from usage.models import AccountFeatureUse, Module

# Which module each wish of the book is about.
MODULES = {
    "FR-1": "flow-process", "FR-2": "connect-sync", "FR-3": "insight-dashboards", "FR-4": "flow-boards",
    "FR-5": "flow-boards", "FR-6": "insight-reports", "FR-7": "flow-process", "FR-8": "insight-export",
    "FR-9": "flow-process", "FR-10": "flow-boards",
}  # fmt: skip
# title, module, who asks, in the words of some of them, in those of Chinese customers.
NEEDS = [
    (
        "Copy a process with its rules",
        "flow-process",
        "small",
        (
            "We rebuild the same process for each branch.",
            "Each new site starts from a blank page, rules and all.",
            "A copy without its rules is half a day of clicking.",
            "Forty branches, forty times the same approvals.",
        ),
        ("每个分支机构都要重建同样的流程。", "每开一家门店，规则都得从头再配一遍。"),
    ),
    (
        "Remind people of overdue approvals",
        "flow-process",
        "small",
        (
            "Nobody notices until the month is closed.",
            "I send the reminders myself, every Friday.",
            "An invoice lay with somebody on holiday for three weeks.",
            "Suppliers call us before the system does.",
        ),
        ("月底结账前没人注意到。", "每周五我都要自己一个个去催。"),
    ),
    (
        "Filter boards by several people",
        "flow-boards",
        "small",
        (
            "Our stand-up covers four people at once.",
            "I open the board once for each of my team.",
            "Two shifts share a board, and I want to see both.",
            "With one name at a time the filter is no help in planning.",
        ),
        ("我们的例会要同时看四个人。", "两个班组共用一个看板，想一起看。"),
    ),
    (
        "Export exactly what the screen shows",
        "insight-export",
        "some",
        (
            "The file has other columns than the page.",
            "I sort, I export, and it comes out in another order.",
            "My boss asks why my numbers are not those on the screen.",
        ),
        ("导出的列和页面不一致。", "筛选好的列表导出后又全出来了。"),
    ),
    (
        "Private cloud in our own region",
        "insight-export",
        "shouter",
        ("Without it there is no renewal, full stop.",),
        ("没有这个就不续约。",),
    ),
    (
        "Contract clauses in the process designer",
        "flow-process",
        "giants",
        ("Legal wants every clause approved.",),
        ("法务要求逐条审批。",),
    ),
    (
        "Connector for the plant’s old MES",
        "connect-sync",
        "giants",
        ("Our MES is from 1998 and will stay.",),
        ("我们的 MES 系统还要继续使用。",),
    ),
    (
        "Batch numbers on every form",
        "flow-process",
        "industry",
        (
            "The auditor asks for batch numbers first.",
            "Without a batch number a complaint takes us two days.",
            "We write it into the remarks, where nobody finds it.",
        ),
        ("审计首先要看批次号。", "追溯批次全靠翻备注。"),
    ),
    (
        "Dashboards on the wall screen",
        "insight-dashboards",
        "unused",
        (
            "We would start using dashboards with this.",
            "There is a screen at the line, and it shows a clock.",
            "The shift leads look at a wall, not at a laptop.",
        ),
        ("有了它我们才会开始用看板。", "车间里只有一块大屏，没人看电脑。"),
    ),
    (
        "Single sign-on for guests",
        "connect-api",
        "renewing",
        (
            "Our suppliers have to get in before we renew.",
            "Guests share one password today. Our auditor saw it.",
            "Two hundred partners cannot each have one more password.",
        ),
        ("续约前供应商必须能登录。", "审计不允许供应商共用密码。"),
    ),
    (
        "Plan absences a year ahead",
        "flow-people",
        "some",
        (
            "Holidays are planned in November here.",
            "The calendar ends in December, our plan does not.",
            "The works council signs the whole year at once.",
        ),
        ("我们十一月就排全年假期。", "今年的日历排不到明年春节。"),
    ),
    (
        "Quiet hours for notifications",
        "flow-boards",
        "small",
        (
            "My phone rings at three in the morning.",
            "Half of my team has turned notifications off altogether.",
            "Our night shift wants them, the day shift does not.",
            "On Sunday evening I get forty of them.",
        ),
        ("凌晨三点手机还在响。", "同事们干脆把通知全关了。"),
    ),
]
# Person-weeks, and for some of them value, urgency and opportunity from 1 to 20; what is not here nobody estimated.
ESTIMATES: dict[str, tuple[str, tuple[int, int, int] | None]] = {
    "Approve from the phone": ("9", (13, 8, 8)),
    "Sync with more ERP fields": ("7", (13, 13, 5)),
    "Dashboard for plant managers": ("6", (8, 5, 8)),
    "Archive whole projects": ("2", (3, 2, 1)),
    "Chinese holidays in the calendar": ("1.5", (5, 8, 3)),
    "Own templates for reports": ("4", (5, 3, 3)),
    "Offline forms": ("14", (8, 3, 13)),
    "On-premise data store": ("26", (20, 13, 8)),
    "Undo for bulk edits": ("3", None),
    "Copy a process with its rules": ("3.5", (8, 5, 3)),
    "Remind people of overdue approvals": ("2.5", (8, 8, 2)),
    "Filter boards by several people": ("1", (3, 3, 1)),
    "Export exactly what the screen shows": ("2", None),
    "Private cloud in our own region": ("18", (20, 20, 5)),
    "Contract clauses in the process designer": ("8", (13, 8, 5)),
    "Connector for the plant’s old MES": ("10", (13, 5, 3)),
    "Batch numbers on every form": ("3", (5, 5, 3)),
    "Single sign-on for guests": ("5", (13, 20, 8)),
    "Quiet hours for notifications": ("1.5", None),
}
NEEDED = {"Approve from the phone": ["Quiet hours for notifications"]}
WEEKS_OF_RANKS = 12
CHANCE = {"small": 0.17, "some": 0.05, "industry": 0.6, "renewing": 0.25}


def rank(plan: Plan) -> None:
    """Let customers ask for more, estimate it, rank the past weeks and today, and plan the next quarter."""
    by = User.objects.filter(role=Role.PRODUCT_MANAGER).order_by("pk").first()
    if by is None:
        return
    modules = {module.external_id: module for module in Module.objects.all()}
    for external_id, key in MODULES.items():
        FeatureRequest.objects.filter(external_id=external_id, module=None).update(module=modules.get(key))
    _add_needs(plan, modules)
    _estimate(by, plan.at)
    for back in range(WEEKS_OF_RANKS, 0, -1):
        note_past_day(on=plan.on - dt.timedelta(weeks=back))
    rank_all(on=plan.on)
    _plan_quarter(by, plan)


def _add_needs(plan: Plan, modules: dict[str, Module]) -> None:
    arr = arr_by_account(plan.on)
    paying = list(Account.objects.filter(pk__in=list(arr)).order_by("pk"))
    contacts: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(left_on=None).order_by("pk"):
        contacts.setdefault(contact.account_id, []).append(contact)
    rows = []
    for number, (title, key, who, english, chinese) in enumerate(NEEDS, start=1):
        rng = np.random.default_rng([plan.seed, 77_000 + number])
        first = plan.on - dt.timedelta(days=int(rng.integers(120, 260)))
        need = FeatureRequest.objects.create(
            external_id=f"FR-{100 + number}", title=title, module=modules.get(key), created_on=first
        )
        for account in _asking(who, need, paying, arr, rng, plan.on):
            people: list[Any] = contacts.get(account.pk) or [None]
            said = chinese if account.currency == "CNY" else english
            loud = {"shouter": 6, "giants": 3}.get(who, 1)
            rows += [
                RequestEvidence(
                    request=need,
                    account=account,
                    contact=people[voice % len(people)],
                    external_id=f"FR-{100 + number}-{account.pk}-{voice}",
                    verbatim=said[(account.pk + voice) % len(said)],
                    asked_on=first + dt.timedelta(days=int(rng.integers(0, (plan.on - first).days))),
                    importance=3 if loud > 1 else int(rng.integers(0, 4)),
                    is_blocker=loud > 1,
                    source=str(rng.choice(["Call", "Ticket", "Survey", "Business review"])),
                )
                for voice in range(loud)
            ]
    RequestEvidence.objects.bulk_create(rows, batch_size=500)


def _asking(
    who: str, need: FeatureRequest, paying: list[Account], arr: dict[int, Decimal], rng: Any, on: dt.date
) -> list[Account]:
    """Who asks for a need: many small ones, some of all, the largest alone, one industry, those who do not use it."""
    large = sorted(paying, key=lambda account: (-arr[account.pk], account.pk))
    if who == "shouter":
        return large[:1]
    if who == "giants":
        return [large[place] for place in sorted(rng.choice(min(8, len(large)), min(3, len(large)), replace=False))]
    among = paying
    if who == "small":
        among = [account for account in paying if account.tier != Account.Tier.ELEPHANT]
    elif who == "industry":
        industries = sorted({account.industry for account in paying})
        among = [account for account in paying if account.industry == industries[int(rng.integers(len(industries)))]]
    elif who == "renewing":
        due = Renewal.objects.filter(stage__in=Renewal.OPEN, due_on__range=(on, on + dt.timedelta(days=180)))
        ids = set(due.values_list("account", flat=True))
        among = [account for account in paying if account.pk in ids]
    elif who == "unused":
        using = AccountFeatureUse.objects.filter(feature__module=need.module, last_on__gt=on - dt.timedelta(days=30))
        ids = set(using.values_list("account", flat=True))
        return [account for account in paying if account.pk not in ids][:14]
    return [account for account in among if rng.random() < CHANCE[who]]


def _estimate(by: User, at: dt.datetime) -> None:
    requests = {request.title: request for request in open_requests()}
    for title, (effort, words) in ESTIMATES.items():
        if title in requests:
            named = dict(zip(("business_value", "time_criticality", "opportunity"), words or (), strict=False))
            change_estimate(request=requests[title], by=by, at=at, effort=Decimal(effort), **named)
    for title, needed in NEEDED.items():
        if title in requests:
            rows = [requests[name] for name in needed if name in requests]
            change_needs(request=requests[title], needed=rows, by=by, at=at)


def _plan_quarter(by: User, plan: Plan) -> None:
    """Four scenarios of the next quarter: one is the plan, and one asks for more than there is."""
    month = (plan.on.month - 1) // 3 * 3 + 4
    start = dt.date(plan.on.year + (month > 12), 1 if month > 12 else month, 1)
    requests = {request.title: request for request in open_requests()}

    def scenario(name: str, capacity: str, *must: str, **values: Any) -> QuarterPlan:
        must_haves = [requests[title] for title in must if title in requests]
        made = add_plan(
            name=name, starts_on=start, capacity=Decimal(capacity), must_haves=must_haves, by=by, at=plan.at, **values
        )
        return start_plan(plan=made, on=plan.on)

    first = scenario("Most needs served", "24")
    scenario("Each customer gets something", "24", counts=QuarterPlan.Counts.CUSTOMERS)
    scenario("By value, private cloud promised", "30", "Private cloud in our own region", by_value=True)
    scenario("Everything the giants want", "30", "On-premise data store", "Private cloud in our own region")
    if first.state in (QuarterPlan.State.SOLVED, QuarterPlan.State.BEST_FOUND):
        choose_plan(plan=first, by=by, at=plan.at)
