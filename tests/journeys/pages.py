"""Which pages are there, and what is wrong with one? Every address by name, opened and looked at in four ways."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from accounts.models import Account

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Each page is wide and light, then narrow and dark; tests/common looks at every component in all four ways.
LOOKS = [(1440, "light"), (375, "dark")]
NARROWEST = 320
# Addresses that give a file or a program's answer, that come back from another site, or that sign out.
NOT_PAGES = (
    "account_export",
    "advocacy_export",
    "advocate_ranking_export",
    "asks_export",
    "case_study_export",
    "session_export",
    "referral_export",
    "invitation_export",
    "usage_monitor_export",
    "track_record_export",
    "stabilization_export",
    "effects_export",
    "account_logout",
    "api_",
    "attachment_file",
    "healthz",
    "mfa_download",
    "openid",
    "undo",
)
# What an address is about, where its name does not say it.
ABOUT = {
    "assignment_id": "accounts.ServiceAssignment",
    "contact_id": "accounts.Contact",
    "entry_id": "accounts.TimelineEntry",
    "gap_id": "accounts.ExpectationGap",
    "goal_id": "accounts.BusinessGoal",
    "promise_id": "accounts.Promise",
    "share_id": "accounts.AccountShare",
    "request_id": "roadmap.FeatureRequest",
    "evidence_id": "roadmap.RequestEvidence",
    "answer_id": "roadmap.RequestAnswer",
    "churn_record": "accounts.ChurnRecord",
    "attachment_add": "accounts.ImplementationRecord",
    "person": "accounts.User",
    "team": "accounts.Team",
    "tag": "accounts.Tag",
    "custom_field": "accounts.CustomField",
    "scorecard": "health.Scorecard",
    "plan_id": "playbooks.StabilizationPlan",
    "effect": "playbooks.Playbook",
    "reference_request": "advocacy.ReferenceRequest",
    "ask_done": "advocacy.Ask",
    "case_study": "advocacy.CaseStudy",
    "sharing_session": "advocacy.SharingSession",
    "session_": "advocacy.SharingSession",
    "talk_add": "advocacy.SharingSession",
    "invitation_edit": "advocacy.SessionInvitation",
    "referral": "advocacy.Referral",
}


def patterns(among: Any = None) -> Iterator[URLPattern]:
    """List every address of our own and of the sign-in; the admin and the API have pages of other makers."""
    for pattern in get_resolver().url_patterns if among is None else among:
        if isinstance(pattern, URLResolver):
            if not pattern.namespace:
                yield from patterns(pattern.url_patterns)
        elif pattern.name and "-" not in pattern.name and not pattern.name.startswith(NOT_PAGES):
            yield pattern


def address(pattern: URLPattern, account: Account) -> str | None:
    """Fill in an address with something of an account, or with any row; None where there is nothing of the kind."""
    words = {}
    for name in pattern.pattern.converters:
        if name == "account_id":
            words[name] = account.pk
            continue
        label = ABOUT.get(name) or next((ABOUT[key] for key in ABOUT if str(pattern.name).startswith(key)), None)
        if name == "version_id":
            rows = apps.get_model("accounts.HandoffVersion").objects.filter(handoff__account=account)
        elif label is None:
            return None
        else:
            rows = apps.get_model(label).objects.all()
            if hasattr(rows.model, "account_id"):
                rows = rows.filter(account=account)
        row = rows.order_by("-pk").first()
        if row is None:
            return None
        words[name] = row.pk
    with contextlib.suppress(NoReverseMatch):
        return reverse(str(pattern.name), kwargs=words)
    return None


def faults(page: Page) -> list[str]:
    """Say what is wrong with the open page: by axe, in two themes and widths, and whether it scrolls sideways."""
    found = []
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for fault in Axe().run(page, options=RULES).response["violations"]:
            found += [f"{width} {theme} {fault['id']}: {node['html'][:160]}" for node in fault["nodes"]]
    for width in (1024, 768, 375, NARROWEST):
        page.set_viewport_size({"width": width, "height": 900})
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if beyond > 0:
            found.append(f"{width} scrolls sideways by {beyond}: {page.evaluate(WIDEST)}")
    return found


WIDEST = """(() => { let worst = null; for (const e of document.querySelectorAll("body *")) {
  const right = e.getBoundingClientRect().right; if (!worst || right > worst[0]) worst = [right, e]; }
  return worst[1].outerHTML.slice(0, 160); })()"""


def walk(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    """Open addresses one after the other; gives what is wrong, by page. What one may not open is no page of theirs."""
    wrong, seen = {}, set()
    for path in addresses:
        # Ask first: the browser makes an error of an address that only takes forms.
        status = page.request.head(path).status
        if status in (401, 403, 404, 405):
            continue
        page.goto(path)
        if page.url in seen:
            continue
        seen.add(page.url)
        if status != 200:
            wrong[path] = [f"answers {status}"]
        elif found := faults(page):
            wrong[path] = found
    assert seen
    return wrong
