"""Which shapes do advocates and asks have in the API?"""

from advocacy.serializers.advocates import (
    AdvocateSerializer,
    AdvocateStageSerializer,
    AnswerSerializer,
    AskSerializer,
)

__all__ = [
    "AdvocateSerializer",
    "AdvocateStageSerializer",
    "AnswerSerializer",
    "AskSerializer",
]
