"""How does each stabilization plan stand, and what would a new one say?"""

from playbooks.queries.stabilization.criteria import Reading, indicator_choices, measure_words, read_criteria, words_of
from playbooks.queries.stabilization.page import PlanPage, plan_page
from playbooks.queries.stabilization.prefill import Draft, draft_plan
from playbooks.queries.stabilization.record import Record, record_of

__all__ = [
    "Draft",
    "PlanPage",
    "Reading",
    "Record",
    "draft_plan",
    "indicator_choices",
    "measure_words",
    "plan_page",
    "read_criteria",
    "record_of",
    "words_of",
]
