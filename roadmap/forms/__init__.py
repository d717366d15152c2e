"""What does a person fill in when a customer asks for something, and when it is decided about?"""

from roadmap.forms.evidence import AskForForm, EvidenceForm, LinkAccountsForm
from roadmap.forms.loop import ExcuseForm, ReplyForm
from roadmap.forms.requests import (
    DecisionForm,
    RequestEditForm,
    RequestForm,
    RequestPickForm,
    RequestPlanForm,
    SharedRoadmapForm,
)

__all__ = [
    "AskForForm",
    "DecisionForm",
    "EvidenceForm",
    "ExcuseForm",
    "LinkAccountsForm",
    "ReplyForm",
    "RequestEditForm",
    "RequestForm",
    "RequestPickForm",
    "RequestPlanForm",
    "SharedRoadmapForm",
]
