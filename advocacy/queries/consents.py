"""Which contacts have agreed to something that is in force on a day?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from advocacy.models import CHANNEL_OF, Consent


def consent_of(contact: str, kind: str, on: dt.date) -> Exists:
    """Give a condition: the contact in a column has a consent in force for a favour, where that favour is heard.

    It is asked anew each time, so a consent that ends or is taken back counts no more from that moment on.
    """
    return Exists(_in_force(kind, on).filter(contact=OuterRef(contact)))


def contacts_with_consent(contact_ids: Iterable[int], kind: str, on: dt.date) -> set[int]:
    """Those of some contacts who have such a consent."""
    return set(_in_force(kind, on).filter(contact__in=list(contact_ids)).values_list("contact", flat=True))


def _in_force(kind: str, on: dt.date) -> Any:
    return Consent.objects.in_force_on(on).covering(kind, CHANNEL_OF[kind]).order_by()
