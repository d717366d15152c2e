"""Which shapes do advocates, asks, consents, scores and requests of sales have in the API?"""

from advocacy.serializers.advocates import (
    AdvocateSerializer,
    AdvocateStageSerializer,
    AnswerSerializer,
    AskSerializer,
    DoneSerializer,
    ThanksSerializer,
)
from advocacy.serializers.people import (
    AdvocacySettingsSerializer,
    AdvocateRowSerializer,
    AdvocateScoreSerializer,
    ConsentSerializer,
    DecisionSerializer,
    MatchesSerializer,
    PublicMentionSerializer,
    ReferenceRequestSerializer,
)

__all__ = [
    "AdvocacySettingsSerializer",
    "AdvocateRowSerializer",
    "AdvocateScoreSerializer",
    "AdvocateSerializer",
    "AdvocateStageSerializer",
    "AnswerSerializer",
    "AskSerializer",
    "ConsentSerializer",
    "DecisionSerializer",
    "DoneSerializer",
    "MatchesSerializer",
    "PublicMentionSerializer",
    "ReferenceRequestSerializer",
    "ThanksSerializer",
]
