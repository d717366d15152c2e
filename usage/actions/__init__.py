"""How do facts about the use of the product come in, and what is kept beside them?"""

from usage.actions.catalogue import add_to_catalogue, change_catalogue, delete_from_catalogue
from usage.actions.events import (
    Outcome,
    Recorded,
    ask_for_all_scores,
    ask_for_scores,
    record_events,
    record_events_in_batches,
)
from usage.actions.facts import (
    add_answer,
    add_attendance,
    add_ticket,
    change_answer,
    change_attendance,
    change_integration,
    change_ticket,
    connect_integration,
    delete_fact,
    reach_milestone,
    set_reading,
)
from usage.actions.rollups import rebuild_rollups, refresh_days_of_feature
from usage.actions.waiting import replay_waiting

__all__ = [
    "Outcome",
    "Recorded",
    "add_answer",
    "add_attendance",
    "add_ticket",
    "add_to_catalogue",
    "ask_for_all_scores",
    "ask_for_scores",
    "change_answer",
    "change_attendance",
    "change_catalogue",
    "change_integration",
    "change_ticket",
    "connect_integration",
    "delete_fact",
    "delete_from_catalogue",
    "reach_milestone",
    "rebuild_rollups",
    "record_events",
    "record_events_in_batches",
    "refresh_days_of_feature",
    "replay_waiting",
    "set_reading",
]
