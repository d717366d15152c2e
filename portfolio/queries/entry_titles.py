"""How does what the system wrote on a timeline read in the language of whoever reads it?"""

from __future__ import annotations

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Account, TimelineEntry
from advocacy.models import Referral
from advocacy.models.entries import ENTRY_WORDS
from advocacy.queries.words import title_of
from health.models import HealthScore, RuleName
from playbooks.queries.event_titles import EVENTS, event_title
from playbooks.rules.words import in_language
from roadmap.models import FeatureRequest

WARNINGS = {
    "opened": gettext_lazy("Warning: %(name)s"),
    "reopened": gettext_lazy("Warning again: %(name)s"),
    "resolved": gettext_lazy("Warning over: %(name)s"),
    "settled": gettext_lazy("Warning resolved: %(name)s"),
}
PLANS = {
    "started": gettext_lazy("Stabilization plan started (%(days)s days)"),
    "continue": gettext_lazy("Stabilization plan: goes on"),
    "stabilized": gettext_lazy("Stabilization plan: stabilized"),
    "extended": gettext_lazy("Stabilization plan: extended once"),
    "escalated": gettext_lazy("Stabilization plan: escalated"),
    "failed": gettext_lazy("Stabilization plan: failed"),
    "taken_back": gettext_lazy("Verdict of the stabilization plan taken back"),
}
MAILS = {
    "unsubscribed": gettext_lazy("Unsubscribed from mails: %(name)s"),
    "resubscribed": gettext_lazy("Subscribed to mails again: %(name)s"),
}


def advocacy_title(entry: TimelineEntry, event: str) -> str:
    """Say what happened with a referral, a session or a case study; names stay as they were written."""
    words = {name: value for name, value in entry.details.items() if isinstance(value, str)}
    words["state"] = str(dict(Referral.State.choices).get(words.get("state", ""), ""))
    try:
        return str(ENTRY_WORDS[event]) % words
    except KeyError:
        return entry.title


def entry_title(entry: TimelineEntry) -> str:
    """Give the title of an entry: stages, bands and playbooks in words of today, all else as it was written.

    The nightly run has no reader, so what it stores is in the language of the installation.
    """
    stages, bands = dict(Account.Stage.choices), dict(HealthScore.Band.choices)
    old, new = str(entry.details.get("old")), str(entry.details.get("new"))
    if entry.kind == TimelineEntry.Kind.STAGE and old in stages and new in stages:
        return _("Stage: %(old)s → %(new)s") % {"old": stages[old], "new": stages[new]}
    before, after = str(entry.details.get("before")), str(entry.details.get("after"))
    if entry.kind == TimelineEntry.Kind.HEALTH and before in bands and after in bands:
        return _("Health: %(before)s → %(after)s") % {"before": bands[before], "after": bands[after]}
    event = entry.details.get("event")
    if entry.kind == TimelineEntry.Kind.PLAYBOOK and event in EVENTS and isinstance(entry.details.get("name"), dict):
        return event_title(event, in_language(entry.details["name"], get_language()))
    if entry.kind == TimelineEntry.Kind.ADVOCACY and event in ENTRY_WORDS:
        return advocacy_title(entry, str(event))
    if event in WARNINGS and entry.details.get("warning") in RuleName.values:
        return str(WARNINGS[event]) % {"name": RuleName(entry.details["warning"]).label}
    state = entry.details.get("state")
    if event == "told" and state in FeatureRequest.State.values:
        words = {"title": entry.details.get("name", ""), "state": FeatureRequest.State(state).label}
        return _("Told of “%(title)s”: %(state)s") % words
    if event in PLANS and "stabilization" in entry.details:
        return str(PLANS[event]) % {"days": entry.details.get("days", "")}
    if event in MAILS and "contact" in entry.details:
        return str(MAILS[event]) % {"name": entry.details.get("person", "")}
    return (title_of(entry.details) if entry.kind == TimelineEntry.Kind.ADVOCACY else None) or entry.title
