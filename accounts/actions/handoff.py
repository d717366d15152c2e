"""How does a handoff file go from sales to customer success, and what is kept of each change?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.accounts import set_stage
from accounts.actions.notifications import notify_people
from accounts.actions.traces import judge_triggers, leave_audit, leave_entry
from accounts.models import Account, Handoff, HandoffVersion, Organisation, TimelineEntry, User
from accounts.queries.handoff import section_label, sections_filled
from accounts.queries.notifications import managers_of, owners_of
from accounts.rules import handoff as rules
from common.errors import Conflict, Refused

State = Handoff.State


def _locked(account: Account) -> Handoff:
    """Get the account's one file for writing; an account without one gets an empty draft."""
    # The account's row is the lock: two people who open the first draft at once make one file.
    Account.objects.select_for_update().get(pk=account.pk)
    found = Handoff.objects.select_related("account").filter(account=account).first()
    return found or Handoff(account=account, version=0)


def _keep_version(handoff: Handoff, *, by: User, at: dt.datetime) -> None:
    """Save the file and keep how it now stands."""
    handoff.version += 1
    handoff.save()
    HandoffVersion.objects.create(
        handoff=handoff,
        number=handoff.version,
        state=handoff.state,
        sections={name: getattr(handoff, name) for name in Handoff.SECTIONS},
        saved_at=at,
        saved_by=by,
    )


@transaction.atomic
def save_handoff(
    *, account: Account, sections: Mapping[str, str], by: User, at: dt.datetime, version: int | None = None
) -> Handoff:
    """Write sections of the file; each change is a version of its own, also after the acceptance."""
    handoff = _locked(account)
    if version is not None and version != handoff.version:
        both = {name: (getattr(handoff, name), new) for name, new in sections.items() if getattr(handoff, name) != new}
        raise Conflict(_("Someone else saved this handoff file while you were editing. Nothing was overwritten."), both)
    changed = [name for name, text in sections.items() if getattr(handoff, name) != text]
    if handoff.pk and not changed:
        return handoff
    for name in changed:
        setattr(handoff, name, sections[name])
    _keep_version(handoff, by=by, at=at)
    leave_audit("handoff.saved", handoff, by=by, at=at, changes={"sections": changed, "version": handoff.version})
    return handoff


@transaction.atomic
def begin_handoff(*, account: Account, sections: Mapping[str, str], by: User, at: dt.datetime) -> Handoff:
    """Make the file of an account that has none: there is one of each."""
    if _locked(account).pk:
        raise Refused(_("This account has a handoff file already."), field="account", code="unique")
    return save_handoff(account=account, sections=sections, by=by, at=at)


def _move(account: Account, to: State, *, by: User, at: dt.datetime, verb: str, reasons: str = "") -> Handoff:
    """Bring the file to another state, or say why not."""
    handoff = _locked(account)
    required = Organisation.load().handoff_required_sections
    filled = sections_filled(handoff)
    no = rules.refusal(handoff.state, to, filled=filled, required=required, reasons=reasons)
    if no is not None:
        raise Refused(_refusal_words(no, handoff, to, filled, required), code=no.value, field=_refusal_field(no))
    old = handoff.state
    handoff.state = to
    if to == State.SUBMITTED:
        handoff.submitted_at, handoff.submitted_by = at, by
        handoff.decided_at = handoff.decided_by = None
        handoff.return_reasons = ""
    else:
        handoff.decided_at, handoff.decided_by = at, by
        handoff.return_reasons = reasons
    _keep_version(handoff, by=by, at=at)
    leave_audit(verb, handoff, by=by, at=at, changes={"state": [old, to.value], "version": handoff.version})
    title = _("Handoff: %(state)s") % {"state": handoff.get_state_display()}
    leave_entry(account, TimelineEntry.Kind.HANDOFF, title, by=by, at=at, body=reasons)
    return handoff


def _refusal_field(no: rules.Refusal) -> str | None:
    return "return_reasons" if no == rules.Refusal.NO_REASONS else None


def _refusal_words(
    no: rules.Refusal, handoff: Handoff, to: State, filled: Mapping[str, bool], required: list[str]
) -> str:
    """Say in words why a step is not possible."""
    if no == rules.Refusal.EMPTY_SECTIONS:
        names = ", ".join(section_label(name) for name in rules.empty_sections(filled, required))
        return _("Fill in these sections before accepting: %(names)s.") % {"names": names}
    if no == rules.Refusal.NO_REASONS:
        return _("Say why you return the handoff, so that it can be mended.")
    words = {
        State.SUBMITTED: _("Only a draft or a returned handoff can be submitted; this one is %(state)s."),
        State.RETURNED: _("Only a submitted handoff can be returned; this one is %(state)s."),
        State.ACCEPTED: _("Only a submitted handoff can be accepted; this one is %(state)s."),
    }
    return words[to] % {"state": handoff.get_state_display().lower()}


def _tell_who_submitted(handoff: Handoff, *, by: User, at: dt.datetime) -> None:
    """Tell whoever handed the account over how that was answered."""
    submitter = handoff.submitted_by
    if submitter is None or submitter.pk == by.pk:
        return
    words = {
        State.ACCEPTED: gettext_lazy("%(name)s: your handoff was accepted"),
        State.RETURNED: gettext_lazy("%(name)s: your handoff came back"),
    }[State(handoff.state)]
    notify_people(
        [submitter],
        kind="handoff_answered",
        title=lambda: str(words) % {"name": handoff.account.name},
        body=handoff.return_reasons,
        cause=f"handoff:{handoff.pk}:{handoff.version}",
        at=at,
        url=reverse("account_handoff", args=[handoff.account_id]),
        account=handoff.account,
    )


@transaction.atomic
def submit_handoff(*, account: Account, by: User, at: dt.datetime) -> Handoff:
    """Pass the file to customer success; the clock to its acceptance starts."""
    handoff = _move(account, State.SUBMITTED, by=by, at=at, verb="handoff.submitted")
    # Whoever looks after the account answers; where nobody does, a manager has to.
    notify_people(
        [one for one in owners_of(account) or managers_of(account) if one.pk != by.pk],
        kind="handoff_waiting",
        title=lambda: _("%(name)s: a handoff waits for your answer") % {"name": account.name},
        body=lambda: _("Accept it, and the onboarding starts; or return it and say what is missing."),
        cause=f"handoff:{handoff.pk}:{handoff.version}",
        at=at,
        url=reverse("account_handoff", args=[account.pk]),
        account=account,
    )
    return handoff


@transaction.atomic
def return_handoff(*, account: Account, reasons: str, by: User, at: dt.datetime) -> Handoff:
    """Send the file back with what is missing."""
    handoff = _move(account, State.RETURNED, by=by, at=at, verb="handoff.returned", reasons=reasons)
    _tell_who_submitted(handoff, by=by, at=at)
    return handoff


@transaction.atomic
def accept_handoff(*, account: Account, by: User, at: dt.datetime) -> Handoff:
    """Take the customer over; only this starts the onboarding."""
    handoff = _move(account, State.ACCEPTED, by=by, at=at, verb="handoff.accepted")
    _tell_who_submitted(handoff, by=by, at=at)
    handoff.account = set_stage(account=account, stage=Account.Stage.ONBOARDING, by=by, at=at)
    judge_triggers(account.pk)
    return handoff
