"""What does a customer's timeline tell of favours and consents?"""

from __future__ import annotations

import datetime as dt

from accounts.actions.traces import leave_entry
from accounts.models import TimelineEntry, User
from advocacy.models import Ask, Consent
from advocacy.queries.words import event_title


def tell(event: str, ask: Ask, *, by: User | None, at: dt.datetime, body: str = "") -> None:
    """Write on the timeline what happened with an ask."""
    contact = ask.advocate.contact
    details = {"advocacy": event, "kind": ask.kind, "name": contact.name, "ask": ask.pk}
    entry = leave_entry(
        ask.advocate.account, TimelineEntry.Kind.ADVOCACY, event_title(event, ask.kind, contact.name), by=by, at=at,
        body=body or (ask.outcome if event == "done" else ask.reason if event == "asked" else ""), details=details,
    )  # fmt: skip
    entry.contacts.add(contact)


def tell_of_consent(event: str, consent: Consent, *, by: User | None, at: dt.datetime) -> None:
    """Write on the timeline that a consent was given or taken back."""
    contact = consent.contact
    details = {"advocacy": event, "kind": consent.scope, "name": contact.name, "consent": consent.pk}
    entry = leave_entry(
        consent.account, TimelineEntry.Kind.ADVOCACY, event_title(event, consent.scope, contact.name), by=by, at=at,
        body=consent.evidence if event == "consent_given" else "", details=details,
    )  # fmt: skip
    entry.contacts.add(contact)
