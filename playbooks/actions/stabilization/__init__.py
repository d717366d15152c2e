"""How does a plan to stabilize a customer begin, how is it judged, and what is done about it every night?"""

from playbooks.actions.stabilization.following import Followed, follow_plans
from playbooks.actions.stabilization.plans import change_plan, discard_plan, start_plan
from playbooks.actions.stabilization.verdicts import give_verdict, take_back_verdict

__all__ = [
    "Followed",
    "change_plan",
    "discard_plan",
    "follow_plans",
    "give_verdict",
    "start_plan",
    "take_back_verdict",
]
