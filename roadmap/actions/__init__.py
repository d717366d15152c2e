"""What happens when a customer asks for something, and when somebody decides about it?"""

from roadmap.actions.requests import (
    EVIDENCE_FIELDS,
    PERSONAL,
    REQUEST_FIELDS,
    State,
    add_evidence,
    add_request,
    ask_for,
    change_evidence,
    change_request,
    change_state,
    delete_evidence,
    delete_request,
)

__all__ = [
    "EVIDENCE_FIELDS",
    "PERSONAL",
    "REQUEST_FIELDS",
    "State",
    "add_evidence",
    "add_request",
    "ask_for",
    "change_evidence",
    "change_request",
    "change_state",
    "delete_evidence",
    "delete_request",
]
