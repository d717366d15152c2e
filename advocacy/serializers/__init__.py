"""Which shapes do advocates, asks, consents, scores and requests of sales have in the API?"""

from advocacy.serializers.advocates import (
    AdvocateSerializer,
    AdvocateStageSerializer,
    AnswerSerializer,
    AskSerializer,
    AskThanksSerializer,
    DoneSerializer,
)
from advocacy.serializers.people import (
    AdvocacySettingsSerializer,
    AdvocateRowSerializer,
    AdvocateScoreSerializer,
    ConsentSerializer,
    MatchesSerializer,
    PublicMentionSerializer,
    ReferenceDecisionSerializer,
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
    "AskThanksSerializer",
    "ConsentSerializer",
    "DoneSerializer",
    "MatchesSerializer",
    "PublicMentionSerializer",
    "ReferenceDecisionSerializer",
    "ReferenceRequestSerializer",
]
