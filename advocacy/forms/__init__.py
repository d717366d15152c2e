"""What does a person fill in about somebody who may speak for us?"""

from advocacy.forms.advocates import AdvocateForm
from advocacy.forms.asks import AskForm, BulkAskForm, DoneForm
from advocacy.forms.consents import ConsentForm, MentionForm
from advocacy.forms.requests import DecideForm, RequestForm
from advocacy.forms.settings import AdvocacySettingsForm

__all__ = [
    "AdvocacySettingsForm",
    "AdvocateForm",
    "AskForm",
    "BulkAskForm",
    "ConsentForm",
    "DecideForm",
    "DoneForm",
    "MentionForm",
    "RequestForm",
]
