"""What happens when a customer asks for something, and when somebody decides about it?"""

from roadmap.actions.board import change_state, revoke_roadmap, schedule_request, share_roadmap, take_back_change
from roadmap.actions.duplicates import (
    Parted,
    find_duplicates,
    merge_requests,
    suggest_again,
    tell_apart,
    unmerge_request,
)
from roadmap.actions.evidence import add_evidence, ask_for, change_evidence, delete_evidence, link_accounts
from roadmap.actions.gaps import add_link, link_request, unlink_request
from roadmap.actions.loop import (
    answer_newcomers,
    excuse_answer,
    record_reply,
    reopen_answers,
    tell_customers,
)
from roadmap.actions.requests import PLANNED_FIELDS, add_request, change_request, delete_request

__all__ = [
    "PLANNED_FIELDS",
    "Parted",
    "add_evidence",
    "add_link",
    "add_request",
    "answer_newcomers",
    "ask_for",
    "change_evidence",
    "change_request",
    "change_state",
    "delete_evidence",
    "delete_request",
    "excuse_answer",
    "find_duplicates",
    "link_accounts",
    "link_request",
    "merge_requests",
    "record_reply",
    "reopen_answers",
    "revoke_roadmap",
    "schedule_request",
    "share_roadmap",
    "suggest_again",
    "take_back_change",
    "tell_apart",
    "tell_customers",
    "unlink_request",
    "unmerge_request",
]
