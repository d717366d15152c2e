"""Which accounts need care first when their owner changes?"""

from enum import StrEnum

P1_RENEWAL_DAYS = 60
P2_RENEWAL_DAYS = 90


class Triage(StrEnum):
    """How soon the new owner has to speak with a customer."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


def triage(band: str, days_to_renewal: int | None, has_open_escalation: bool = False) -> Triage:
    """Sort an account: P1 red, renewal within 60 days (or overdue) or an open escalation; P2 yellow or within 90.

    >>> triage("green", 61), triage("green", 60), triage("yellow", None), triage("red", 300), triage("green", 91)
    (<Triage.P2: 'P2'>, <Triage.P1: 'P1'>, <Triage.P2: 'P2'>, <Triage.P1: 'P1'>, <Triage.P3: 'P3'>)
    >>> triage("green", None, has_open_escalation=True)
    <Triage.P1: 'P1'>
    """
    days = P2_RENEWAL_DAYS + 1 if days_to_renewal is None else days_to_renewal
    if band == "red" or has_open_escalation or days <= P1_RENEWAL_DAYS:
        return Triage.P1
    if band == "yellow" or days <= P2_RENEWAL_DAYS:
        return Triage.P2
    return Triage.P3
