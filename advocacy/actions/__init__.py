"""What happens when a contact may speak for us, is asked for something, and answers?"""

from advocacy.actions.advocates import (
    add_advocate,
    advance_advocate,
    change_note,
    delete_advocate,
)
from advocacy.actions.asks import (
    GivenConsent,
    Outcome,
    ask_people,
    ask_person,
    delete_ask,
    finish_ask,
    record_answer,
    record_ask,
    thank_for_ask,
)
from advocacy.actions.consents import record_consent, revoke_consent
from advocacy.actions.ranking import rank_advocates, refresh_people
from advocacy.actions.withdrawals import withdraw_unfit

__all__ = [
    "GivenConsent",
    "Outcome",
    "add_advocate",
    "advance_advocate",
    "ask_people",
    "ask_person",
    "change_note",
    "delete_advocate",
    "delete_ask",
    "finish_ask",
    "rank_advocates",
    "record_answer",
    "record_ask",
    "record_consent",
    "refresh_people",
    "revoke_consent",
    "thank_for_ask",
    "withdraw_unfit",
]
