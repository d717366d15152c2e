"""What happens when a contact agrees to be asked and named, or takes that back?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Contact, User
from advocacy.actions.advocates import lock_contact
from advocacy.actions.case_studies import follow_case_studies
from advocacy.actions.ranking import refresh_people
from advocacy.actions.stories import tell_of_consent
from advocacy.actions.withdrawals import withdraw_without_consent
from advocacy.models import Channel, Consent
from common.errors import Refused


@transaction.atomic
def record_consent(
    *, contact: Contact, scope: str, channel: str, given_on: dt.date, expires_on: dt.date, evidence: str,
    by: User | None, at: dt.datetime, refresh: bool = True,
) -> Consent:  # fmt: skip
    """Write down to what a contact agreed, where it may be heard, and until when."""
    locked, on = lock_contact(contact), today(at)
    if scope not in Consent.Scope.values:
        raise Refused(_("Choose what they agreed to."), field="scope")
    if channel not in Channel.values:
        raise Refused(_("Choose where it may be heard."), field="channel")
    if locked.left_on is not None and locked.left_on <= on:
        raise Refused(_("This contact has left the customer."), field="contact")
    if not evidence.strip():
        raise Refused(_("Say how the consent was given."), field="evidence", code="required")
    if given_on > on:
        raise Refused(_("The day cannot be in the future."), field="given_on")
    if expires_on <= on:
        raise Refused(_("A consent has to hold beyond today."), field="expires_on")
    consent = Consent.objects.create(
        account_id=locked.account_id, contact=locked, scope=scope, channel=channel, given_on=given_on,
        expires_on=expires_on, evidence=evidence.strip()[:300], recorded_by=by,
    )  # fmt: skip
    changes = {"scope": [None, scope], "channel": [None, channel], "expires_on": [None, str(expires_on)]}
    leave_audit("consent.recorded", consent, by=by, at=at, changes=changes)
    tell_of_consent("consent_given", consent, by=by, at=at)
    if refresh:
        refresh_people(on=on, account_ids=[locked.account_id])
    return consent


@transaction.atomic
def revoke_consent(*, consent: Consent, by: User | None, at: dt.datetime) -> Consent:
    """Take a consent back from today on; open asks that rest on it are withdrawn and whoever asked is told."""
    lock_contact(consent.contact)
    locked: Consent = (
        Consent.objects.select_related("account", "contact").select_for_update(of=("self",)).get(pk=consent.pk)
    )
    if locked.revoked_on is not None:
        return locked
    locked.revoked_on = today(at)
    locked.save(update_fields=["revoked_on"])
    leave_audit("consent.revoked", locked, by=by, at=at, changes={"revoked_on": [None, str(locked.revoked_on)]})
    tell_of_consent("consent_revoked", locked, by=by, at=at)
    withdraw_without_consent(contact_ids=[locked.contact_id], at=at)
    follow_case_studies(on=today(at), at=at, contact_ids=[locked.contact_id])
    refresh_people(on=today(at), account_ids=[locked.account_id])
    return locked
