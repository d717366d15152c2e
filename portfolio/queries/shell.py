"""What does the shell of every page know: where one may go, one's saved views, how one likes to read?"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import User
from accounts.rules.roles import Capability
from common.htmx import NavItem, SavedLink
from portfolio.queries.saved_views import address, own_views, presets_for

# The pages of a section beside its first, in the order of its tabs; a page that its reader may not open is left out.
PAGES: dict[str, list[tuple[str, Promise, Capability | None]]] = {
    "accounts": [
        ("account_list", _lazy("All accounts"), None),
        ("warnings", _lazy("Warnings"), None),
        ("usage_monitor", _lazy("Usage monitor"), None),
        ("track_record", _lazy("Track record"), None),
    ],
    "playbooks": [
        ("playbooks", _lazy("All playbooks"), None),
        ("my_tasks", _lazy("My tasks"), None),
        ("team_tasks", _lazy("Team’s work"), None),
        ("playbook_runs", _lazy("Runs"), None),
        ("stabilization_plans", _lazy("Stabilization"), None),
        ("workload", _lazy("Workload"), None),
        ("effects", _lazy("Effect"), None),
    ],
    "advocacy": [
        ("advocacy", _lazy("Advocates"), None),
        ("advocate_ranking", _lazy("Ranking"), None),
        ("high_value", _lazy("High value"), None),
        ("reference_requests", _lazy("Requests of sales"), None),
        ("asks", _lazy("Asks"), None),
        ("case_studies", _lazy("Case studies"), None),
        ("sharing_sessions", _lazy("Sharing sessions"), None),
        ("referrals", _lazy("Referrals"), None),
    ],
    "revenue": [
        ("retention", _lazy("Retention"), Capability.SEE_MONEY),
        ("compare", _lazy("Compare"), Capability.SEE_MONEY),
        ("cohorts", _lazy("Cohorts"), Capability.SEE_MONEY),
        ("renewals", _lazy("Renewals"), Capability.SEE_MONEY),
        ("risk_register", _lazy("Risks"), Capability.SEE_MONEY),
        ("downgrades", _lazy("Downgrades"), Capability.SEE_MONEY),
        ("expansion", _lazy("Expansion"), Capability.SEE_MONEY),
        ("csm_performance", _lazy("CSM performance"), Capability.SEE_MONEY),
    ],
    "roadmap": [
        ("roadmap", _lazy("Ranking"), None),
        ("rank_disagreements", _lazy("Disagreements"), None),
        ("quarter_plans", _lazy("What fits"), Capability.PLAN_ROADMAP),
        ("feature_requests", _lazy("Requests"), None),
        ("duplicate_requests", _lazy("Duplicates"), None),
        ("roadmap_board", _lazy("Board"), None),
        ("request_answers", _lazy("Answers to give"), None),
        ("request_gaps", _lazy("Gaps and money"), None),
    ],
}

# The parts of a page that lie at addresses of their own, beside each other: its tab stays the chosen one.
PARTS = {"expansion": ("expansion_board", "expansion_targets", "expansion_profile", "expansion_whitespace")}

# First words of addresses that lie beside those of a section's tabs: rows of an account, what was done to many.
ROWS = {
    "accounts": (
        "attachments", "bulk", "churn-records", "contacts", "goals", "handoff-versions", "implementation", "promises",
        "tickets", "timeline",
    ),
    "playbooks": ("step-mails", "tasks"),
    "revenue": ("contract-lines", "opportunities"),
    "roadmap": ("request-evidence",),
}  # fmt: skip


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Say what the side bar shows to this person; a section without rights is not shown."""
    user = cast(User, request.user)
    return {
        "nav": navigation(request.path, user),
        "section_tabs": section_tabs(request.path, user),
        "saved_views": saved_links(request.get_full_path(), user),
        "theme": user.theme,
        "density": user.density,
        "single_keys": user.keys_enabled,
        "hidden_panels": user.hidden_panels,
        "log_url": _url("touch_add") if user.can(Capability.EDIT_ACCOUNTS) else None,
        "may_export": user.can(Capability.EXPORT),
    }


def navigation(path: str, user: User) -> list[NavItem]:
    """List the sections of a role in their fixed order."""
    sections = [
        ("today", _("Today"), "today", "T"),
        ("account_list", _("Accounts"), "accounts", "A"),
        ("playbooks", _("Playbooks"), "playbooks", "P"),
        # A CSM's own work lies in the renewals; whoever looks after more begins with what was kept.
        ("renewals" if user.role == User.Role.CSM else "retention", _("Revenue"), "revenue", "R"),
        ("advocacy", _("Advocacy"), "advocacy", "V"),
        ("roadmap", _("Roadmap"), "roadmap", "O"),
        ("settings_home", _("Settings"), "settings", "S"),
    ]
    items = []
    first_word = path.removeprefix(get_script_prefix()).partition("/")[0]
    for name, label, icon, key in sections:
        url = _url(name)
        pages = [address for page in PAGES.get(icon, []) if (address := _url(page[0]))]
        if url is None or (icon == "revenue" and not user.can(Capability.SEE_MONEY)):
            continue
        here = any(path.startswith(address) for address in (url, *pages)) or first_word in ROWS.get(icon, ())
        items.append(NavItem(name, label, url, current=here, icon=icon, key=key))
    return items


def section_tabs(path: str, user: User) -> list[tuple[str, str, bool]]:
    """List the tabs (label, address, whether it is this page) of the section that a page opens; none elsewhere."""
    for pages in PAGES.values():
        tabs = [(str(label), url, path in (url, *map(_url, PARTS.get(name, ())))) for name, label, right in pages
                if (url := _url(name)) and (right is None or user.can(right))]  # fmt: skip
        if any(current for _label, _address, current in tabs) and len(tabs) > 1:
            return tabs
    return []


def _url(name: str) -> str | None:
    """The address of a page, or None where there is none."""
    return _kept_url(name, get_script_prefix(), get_urlconf())


@cache
def _kept_url(name: str, _prefix: str, urlconf: str | None) -> str | None:
    """Look it up once for each place that the program is served from: every page names some eighty."""
    try:
        return reverse(name, urlconf)
    except NoReverseMatch:
        return None


def saved_links(here: str, user: User) -> list[SavedLink]:
    """List a person's views, own first, then the team's, then those that come with Mainstay."""
    opened = QueryDict(here.partition("?")[2]).get("view", "")
    kept = [(view.name, view.query, str(view.pk)) for view in own_views(user)]
    shipped = [(str(preset.name), preset.query, preset.key) for preset in presets_for(user)]
    return [SavedLink(name, address(query, key), current=key == opened) for name, query, key in [*kept, *shipped]]
