"""How does what the system wrote on a timeline read in the language of whoever reads it?"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, TimelineEntry
from health.models import HealthScore, RuleName
from roadmap.models import FeatureRequest

WARNINGS = {
    "opened": gettext_lazy("Warning: %(name)s"),
    "reopened": gettext_lazy("Warning again: %(name)s"),
    "resolved": gettext_lazy("Warning over: %(name)s"),
    "settled": gettext_lazy("Warning resolved: %(name)s"),
}


def entry_title(entry: TimelineEntry) -> str:
    """Give the title of an entry: changes of stage and band in words of today, all else as it was written.

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
    if event in WARNINGS and entry.details.get("warning") in RuleName.values:
        return str(WARNINGS[event]) % {"name": RuleName(entry.details["warning"]).label}
    state = entry.details.get("state")
    if event == "told" and state in FeatureRequest.State.values:
        words = {"title": entry.details.get("name", ""), "state": FeatureRequest.State(state).label}
        return _("Told of “%(title)s”: %(state)s") % words
    return entry.title
