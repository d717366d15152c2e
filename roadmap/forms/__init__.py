"""What does a person fill in when a customer asks for something?"""

from roadmap.forms.requests import (
    AskForForm,
    EvidenceForm,
    Importance,
)

__all__ = [
    "AskForForm",
    "EvidenceForm",
    "Importance",
]
