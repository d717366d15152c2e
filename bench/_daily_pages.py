"""Which pages are opened every day, by whom, and how quickly do they have to be there?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from accounts.models import Account, ServiceAssignment, User
from accounts.rules.roles import Role
from playbooks.models import Playbook, Run, Task
from portfolio.models import AccountRow
from revenue.models import Renewal
from roadmap.models import FeatureRequest

# Milliseconds within which nineteen of twenty answers of a kind are there.
BARS = {"palette": 100, "part": 150, "list": 250, "account": 300, "chart": 400}
PEOPLE = {
    "admin": Role.ADMIN,
    "manager": Role.CS_MANAGER,
    "CSM": Role.CSM,
    "product": Role.PRODUCT_MANAGER,
    "viewer": Role.VIEWER,
}
LISTS = (
    "account_list",
    "warnings",
    "my_tasks",
    "team_tasks",
    "playbook_runs",
    "playbooks",
    "stabilization_plans",
    "renewals",
    "risk_register",
    "downgrades",
    "expansion",
    "expansion_board",
    "advocacy",
    "advocate_ranking",
    "high_value",
    "asks",
    "reference_requests",
    "case_studies",
    "sharing_sessions",
    "referrals",
    "roadmap",
    "feature_requests",
    "roadmap_board",
    "duplicate_requests",
    "request_answers",
    "rank_disagreements",
    "quarter_plans",
    "notifications",
    "history",
    "settings_home",
)
ADMINS_LISTS = ("people", "audit_log", "scorecards", "parked_jobs")
CHARTS = (
    "today",
    "retention",
    "compare",
    "cohorts",
    "csm_performance",
    "board_page",
    "portfolio_review",
    "reports",
    "workload",
    "effects",
    "request_gaps",
    "track_record",
    "usage_monitor",
    "expansion_profile",
    "expansion_whitespace",
    "expansion_targets",
)
TABS = (
    "account_overview",
    "account_timeline",
    "account_usage",
    "account_revenue",
    "account_people",
    "account_playbooks",
    "account_requests",
    "account_health",
    "account_handoff",
    "account_goals",
)
MONEY = {
    "retention",
    "compare",
    "cohorts",
    "csm_performance",
    "board_page",
    "renewals",
    "risk_register",
    "downgrades",
    "expansion",
    "expansion_board",
    "expansion_profile",
    "expansion_whitespace",
    "expansion_targets",
    "account_revenue",
}
# What an htmx request of a part is told by; of the palette's options too.
PART = {"HX-Request": "true", "HX-Target": "results"}
PALETTE = {"HX-Request": "true", "HX-Target": "search-results"}
SHEET = {"HX-Request": "true", "HX-Target": "sheet"}
QUERIES = ("?sort=-arr", "?band=red", "?q=north", "?sort=renewal")


@dataclass(frozen=True)
class Page:
    """One address as one kind of person opens it."""

    role: str
    kind: str
    name: str
    address: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def bar(self) -> int:
        """The milliseconds that it may take."""
        return BARS[self.kind]


def people() -> dict[str, User]:
    """One person of each role; of the CSMs the one with the most accounts."""
    found = {
        role: User.objects.active().filter(role=value).order_by("pk").first()
        for role, value in PEOPLE.items()
        if role != "CSM"
    }
    rows = ServiceAssignment.objects.current().filter(role="csm", user__role=Role.CSM, user__team__isnull=False)
    most = rows.values_list("user", flat=True).order_by("user").first()
    found["CSM"] = User.objects.get(pk=most)
    return {role: user for role, user in found.items() if user is not None}


def cookie_of(user: User) -> str:
    """Sign somebody in, and give the cookie that says so."""
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def pages(role: str, user: User) -> Iterator[Page]:
    """Every page that a person of this role opens on a common day."""
    money = role != "product"

    def page(kind: str, name: str, address: str, headers: dict[str, str] | None = None) -> Page:
        return Page(role, kind, name, address, tuple((headers or {}).items()))

    search = reverse("search")
    for asked in ("", "nor", "north", "C-1777", "%E5%8D%8E", "zzz", "%3Elog", "ann"):
        yield page("palette", f"palette “{asked}”", f"{search}?q={asked}", PALETTE)
    yield from _lists(role, money, page)
    for name in CHARTS:
        if money or name not in MONEY:
            yield page("chart", name, reverse(name))
    yield from _account(user, money, page)
    yield from _parts(role, user, money, page)


def _lists(role: str, money: bool, page) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    for name in LISTS:
        if name == "quarter_plans" and role not in ("admin", "product"):
            continue
        if money or name not in MONEY:
            yield page("list", name, reverse(name))
    for query in QUERIES if money else QUERIES[1:]:
        yield page("list", f"account_list {query}", reverse("account_list") + query)
    if role == "admin":
        for name in ADMINS_LISTS:
            yield page("list", name, reverse(name))
    for name, model in (("playbook_run", Run), ("task", Task), ("playbook", Playbook)):
        rows = model.objects.all() if name == "playbook" else model.objects.filter(account__in=_seen(role))
        one = rows.order_by("-pk").values_list("pk", flat=True).first()
        if one:
            yield page("list", name, reverse(name, args=[one]))
    most = FeatureRequest.objects.filter(ranking__rank=1).values_list("pk", flat=True).first()
    if most:
        yield page("list", "feature_request", reverse("feature_request", args=[most]))
    renewal = Renewal.objects.filter(account__in=_seen(role)).order_by("pk").values_list("pk", flat=True).last()
    if money and renewal:
        yield page("list", "renewal", reverse("renewal", args=[renewal]))


def _seen(role: str):  # type: ignore[no-untyped-def]
    return Account.objects.visible_to(people()[role])


def _account(user: User, money: bool, page) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """The account that pays most among those that the person sees, and its tabs."""
    row = AccountRow.objects.visible_to(user).exclude(stage="churned").order_by("-arr").first()
    if row is None:
        return
    for name in TABS:
        if money or name not in MONEY:
            yield page("account", name, reverse(name, args=[row.pk]))
    yield page("account", "account_review", reverse("account_review", args=[row.pk]))


def _parts(role: str, user: User, money: bool, page) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    filtered = {"account_list": "band=red", "warnings": "", "my_tasks": "", "playbook_runs": "", "renewals": "",
                "feature_requests": "q=need", "advocacy": "", "roadmap": ""}  # fmt: skip
    for name, query in filtered.items():
        if money or name not in MONEY:
            yield page("part", f"{name} (part)", f"{reverse(name)}?{query}", PART)
    yield page("part", "help_keys (sheet)", reverse("help_keys"), SHEET)
    row = AccountRow.objects.visible_to(user).exclude(stage="churned").order_by("-arr").first()
    if row is not None and role in ("admin", "manager", "CSM"):
        yield page("part", "touch_add (sheet)", reverse("touch_add"), SHEET)
        for name in ("account_touch_add", "account_task_add"):
            yield page("part", f"{name} (sheet)", reverse(name, args=[row.pk]), SHEET)
        yield page("part", "playbook_start (sheet)", f"{reverse('playbook_start')}?account={row.pk}", SHEET)
