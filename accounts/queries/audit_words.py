"""How does a reader of the audit trail read an act?

An act is kept as `noun.act`. Most nouns are names of models, whose own names are used, and most of what changed is a
column. What other codes mean to people is in these three tables; what is in none is shown as its code.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Nouns that are no model's name, or not the one that is meant.
NOUNS: dict[str, Promise] = {
    "accounts": _("accounts"),
    "attendances": _("attendances"),
    "book": _("import"),
    "churn": _("churn"),
    "goal": _("goal"),
    "health": _("health"),
    "invitation": _("invitation"),
    "list": _("list"),
    "panels": _("panels"),
    "person": _("person"),
    "playbook_run": _("run of a playbook"),
    "request_answers": _("answers to customers"),
    "roadmap": _("roadmap for customers"),
    "sample": _("sample data"),
    "session": _("sharing session"),
    "stabilization": _("stabilization plan"),
    "talk": _("talk"),
    "timeline": _("timeline"),
    "token": _("API token"),
    "trigger": _("trigger"),
    "work": _("work"),
    "workload": _("workload"),
}

ACTS: dict[str, Promise] = {
    "accepted": pgettext_lazy("act", "accepted"),
    "acknowledged": pgettext_lazy("act", "acknowledged"),
    "added": pgettext_lazy("act", "added"),
    "again": pgettext_lazy("act", "sent again"),
    "all_ended": pgettext_lazy("act", "all ended"),
    "all_read": pgettext_lazy("act", "all read"),
    "all_revoked": pgettext_lazy("act", "all revoked"),
    "advanced": pgettext_lazy("act", "advanced"),
    "answer_forgotten": pgettext_lazy("act", "answer forgotten"),
    "answered": pgettext_lazy("act", "answered"),
    "archived": pgettext_lazy("act", "archived"),
    "asked": pgettext_lazy("act", "asked for"),
    "assigned": pgettext_lazy("act", "assigned"),
    "attended": pgettext_lazy("act", "attended"),
    "called": pgettext_lazy("act", "forecast changed"),
    "changed": pgettext_lazy("act", "changed"),
    "changed_by_import": pgettext_lazy("act", "changed by an import"),
    "chosen": pgettext_lazy("act", "chosen"),
    "closed": pgettext_lazy("act", "closed"),
    "confirmed": pgettext_lazy("act", "confirmed"),
    "created": pgettext_lazy("act", "created"),
    "deactivated": pgettext_lazy("act", "deactivated"),
    "decided": pgettext_lazy("act", "decided"),
    "decision_taken_back": pgettext_lazy("act", "decision taken back"),
    "deleted": pgettext_lazy("act", "deleted"),
    "disabled": pgettext_lazy("act", "switched off"),
    "discarded": pgettext_lazy("act", "discarded"),
    "done": pgettext_lazy("act", "done"),
    "draft_discarded": pgettext_lazy("act", "draft discarded"),
    "drafted": pgettext_lazy("act", "draft begun"),
    "enabled": pgettext_lazy("act", "switched on"),
    "ended": pgettext_lazy("act", "ended"),
    "ended_runs": pgettext_lazy("act", "runs ended"),
    "erased": pgettext_lazy("act", "erased"),
    "excused": pgettext_lazy("act", "needs no answer"),
    "exported": pgettext_lazy("act", "taken away as a file"),
    "failed": pgettext_lazy("act", "failed"),
    "follow_up_done": pgettext_lazy("act", "follow-up done"),
    "follow_up_reopened": pgettext_lazy("act", "follow-up reopened"),
    "follow_ups_planned": pgettext_lazy("act", "follow-ups planned"),
    "given_back": pgettext_lazy("act", "given back"),
    "handed_over": pgettext_lazy("act", "handed over"),
    "imported": pgettext_lazy("act", "imported"),
    "installed": pgettext_lazy("act", "installed"),
    "invited": pgettext_lazy("act", "invited"),
    "judged": pgettext_lazy("act", "judged"),
    "left_out": pgettext_lazy("act", "left out"),
    "link_sent": pgettext_lazy("act", "link sent"),
    "measured": pgettext_lazy("act", "measured"),
    "merged": pgettext_lazy("act", "merged"),
    "moved": pgettext_lazy("act", "moved"),
    "new_address": pgettext_lazy("act", "used from a new address"),
    "not_attended": pgettext_lazy("act", "did not attend"),
    "not_thanked": pgettext_lazy("act", "thanks taken back"),
    "note_deleted": pgettext_lazy("act", "note deleted"),
    "noted": pgettext_lazy("act", "note added"),
    "opened": pgettext_lazy("act", "opened"),
    "overridden": pgettext_lazy("act", "set by hand"),
    "override_ended": pgettext_lazy("act", "no longer set by hand"),
    "parted": pgettext_lazy("act", "parted"),
    "password_set": pgettext_lazy("act", "password set"),
    "paused": pgettext_lazy("act", "paused"),
    "planned": pgettext_lazy("act", "planned"),
    "published": pgettext_lazy("act", "published"),
    "queued": pgettext_lazy("act", "queued"),
    "reactivated": pgettext_lazy("act", "reactivated"),
    "read": pgettext_lazy("act", "read"),
    "read_again": pgettext_lazy("act", "read again"),
    "reassigned": pgettext_lazy("act", "reassigned"),
    "recorded": pgettext_lazy("act", "recorded"),
    "released": pgettext_lazy("act", "released"),
    "removal_asked": pgettext_lazy("act", "removal asked for"),
    "removed": pgettext_lazy("act", "removed"),
    "renamed": pgettext_lazy("act", "renamed"),
    "reopened": pgettext_lazy("act", "reopened"),
    "replied": pgettext_lazy("act", "customer replied"),
    "rescheduled": pgettext_lazy("act", "rescheduled"),
    "resolved": pgettext_lazy("act", "resolved"),
    "restored": pgettext_lazy("act", "restored"),
    "resubscribed": pgettext_lazy("act", "takes e-mail again"),
    "resumed": pgettext_lazy("act", "resumed"),
    "retired": pgettext_lazy("act", "retired"),
    "retried": pgettext_lazy("act", "tried again"),
    "returned": pgettext_lazy("act", "returned"),
    "revoked": pgettext_lazy("act", "revoked"),
    "saved": pgettext_lazy("act", "saved"),
    "scheduled": pgettext_lazy("act", "scheduled"),
    "sending": pgettext_lazy("act", "being sent"),
    "sent": pgettext_lazy("act", "sent"),
    "set": pgettext_lazy("act", "set"),
    "set_own": pgettext_lazy("act", "own settings changed"),
    "settled": pgettext_lazy("act", "settled"),
    "share_revoked": pgettext_lazy("act", "link revoked"),
    "shared": pgettext_lazy("act", "shared"),
    "skipped": pgettext_lazy("act", "skipped"),
    "snoozed": pgettext_lazy("act", "snoozed"),
    "stage_set": pgettext_lazy("act", "stage changed"),
    "started": pgettext_lazy("act", "started"),
    "started_runs": pgettext_lazy("act", "runs started"),
    "state_changed": pgettext_lazy("act", "state changed"),
    "submitted": pgettext_lazy("act", "submitted"),
    "succeeded": pgettext_lazy("act", "succeeded"),
    "suggested_again": pgettext_lazy("act", "suggested again"),
    "switched_off": pgettext_lazy("act", "switched off"),
    "switched_on": pgettext_lazy("act", "switched on"),
    "tagged": pgettext_lazy("act", "tagged"),
    "taken_back": pgettext_lazy("act", "taken back"),
    "thanked": pgettext_lazy("act", "thanked"),
    "told": pgettext_lazy("act", "told"),
    "told_apart": pgettext_lazy("act", "told apart"),
    "transferred": pgettext_lazy("act", "transferred"),
    "tried": pgettext_lazy("act", "tried out"),
    "unassigned": pgettext_lazy("act", "no longer assigned"),
    "unshared": pgettext_lazy("act", "no longer shared"),
    "unsure": pgettext_lazy("act", "not sure to have been sent"),
    "unsubscribed": pgettext_lazy("act", "takes no e-mail"),
    "untagged": pgettext_lazy("act", "tag removed"),
    "updated": pgettext_lazy("act", "updated"),
    "uploaded": pgettext_lazy("act", "uploaded"),
    "used": pgettext_lazy("act", "put to use"),
    "ways_chosen": pgettext_lazy("act", "ways chosen"),
    "withdrawn": pgettext_lazy("act", "withdrawn"),
    "woken": pgettext_lazy("act", "woken"),
    "written": pgettext_lazy("act", "written"),
}

# What an act notes beside columns of its row: its words, and the kind of row that it names by id.
NOTES: dict[str, tuple[Promise, str]] = {
    "account": (_("account"), "accounts.account"),
    "accounts": (_("accounts"), "accounts.account"),
    "act": (_("change"), ""),
    "advocate": (_("advocate"), "advocacy.advocate"),
    "cause": (_("cause"), ""),
    "contact": (_("contact"), "accounts.contact"),
    "count": (pgettext_lazy("audit", "how many"), ""),
    "criteria": (_("exit criteria"), ""),
    "day": (_("day"), ""),
    "draft": (_("version of the draft"), ""),
    "drivers": (_("drivers"), ""),
    "file": (_("file"), ""),
    "filters": (_("filters"), ""),
    "folder": (_("folder"), ""),
    "from": (pgettext_lazy("audit", "taken over from"), "accounts.user"),
    "goals": (_("goals"), "accounts.businessgoal"),
    "held": (pgettext_lazy("audit", "accounts held back"), ""),
    "hidden": (_("hidden panels"), ""),
    "import": (_("import"), ""),
    "mails": (_("e-mails"), ""),
    "method": (pgettext_lazy("audit", "way to sign in"), ""),
    "moved": (_("tasks moved"), ""),
    "needs": (pgettext_lazy("audit", "needs first"), "roadmap.featurerequest"),
    "order": (_("order"), "health.scorecard"),
    "outcome": (_("outcome"), ""),
    "owner": (_("owner"), "accounts.user"),
    "reason": (_("reason"), ""),
    "replaced": (pgettext_lazy("audit", "replaces an earlier value"), ""),
    "rows": (_("rows"), ""),
    "rule": (_("rule"), ""),
    "runs": (_("runs"), ""),
    "sign_in": (_("sign-in"), ""),
    "size": (_("size"), ""),
    "stage": (_("stage"), ""),
    "state": (_("state"), ""),
    "tasks": (_("tasks"), "playbooks.task"),
    "team": (_("team"), "accounts.team"),
    "texts": (pgettext_lazy("audit", "texts with the name"), ""),
    "totals": (_("rows by kind"), ""),
    "unmet": (pgettext_lazy("audit", "unmet criteria"), ""),
    "until": (_("until"), ""),
    "user": (_("person"), "accounts.user"),
    "verdict": (_("verdict"), ""),
    "version": (_("version"), ""),
    "ways": (pgettext_lazy("audit", "ways to be told"), ""),
    "why": (pgettext_lazy("audit", "why"), ""),
    "wrong": (pgettext_lazy("audit", "answers “wrong”"), ""),
}


def in_words(verb: str) -> str:
    """Write the name of an act as people read it: `person.link_sent` is “Person: link sent”."""
    noun, _dot, act = verb.partition(".")
    kind = NOUNS.get(noun) or _models().get(noun) or noun.replace("_", " ")
    if not act:
        return capfirst(str(kind))
    words = ACTS.get(act) or act.replace("_", " ")
    return str(_("%(label)s: %(text)s")) % {"label": capfirst(str(kind)), "text": words}


def has_words(verb: str) -> bool:
    """Say whether both parts of an act are known here."""
    noun, _dot, act = verb.partition(".")
    return (noun in NOUNS or noun in _models()) and act in ACTS


def note_in_words(name: str) -> str:
    """Write what an act notes beside its row's columns."""
    return str(NOTES[name][0]) if name in NOTES else name.replace("_", " ")


def noted_kind(name: str) -> str:
    """The kind of row that such a note names by id; empty for a number or a text."""
    return NOTES[name][1] if name in NOTES else ""


@cache
def _models() -> dict[str, Any]:
    """What a row of each model of ours is called, by the model's name in snake case."""
    ours = [model for model in apps.get_models() if not model.__module__.startswith(("django.", "allauth."))]
    return {_snake(model.__name__): model._meta.verbose_name for model in ours} | {
        str(model._meta.model_name): model._meta.verbose_name for model in ours
    }


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
