"""Which pages are there? Every address of our own by its name, filled in with something that is in the book."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Account

# Addresses that give a file or a program's answer, that come back from another site, or that sign out.
NOT_PAGES = (
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


def is_page(name: str) -> bool:
    """Tell by its name whether an address may be a page of ours; those of the API have dashes."""
    return "-" not in name and not name.startswith(NOT_PAGES) and not name.endswith("_export")


def patterns(among: Any = None) -> Iterator[URLPattern]:
    """List every address of our own and of the sign-in; the admin and the API have pages of other makers."""
    for pattern in get_resolver().url_patterns if among is None else among:
        if isinstance(pattern, URLResolver):
            if not pattern.namespace:
                yield from patterns(pattern.url_patterns)
        elif is_page(pattern.name or "-"):
            yield pattern


@cache
def table() -> dict[str, dict[str, Any]]:
    """Read what the table of permissions says of each address: among it, of which model the row is that it names."""
    file = Path(__file__).parents[1] / "matrix" / "routes.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))["pages"]


def address(pattern: URLPattern, account: Account | None) -> str | None:
    """Fill in an address with something of an account, or with any row; None where there is nothing of the kind."""
    known = table().get(str(pattern.name), {})
    words = dict(known.get("path", {}))
    for name in set(pattern.pattern.converters) - set(words):
        if name == "account_id":
            if account is None:
                return None
            words[name] = account.pk
            continue
        by_name = (ABOUT[key] for key in ABOUT if str(pattern.name).startswith(key))
        label = ABOUT.get(name) or known.get("object") or next(by_name, None)
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
