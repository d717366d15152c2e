"""Which shapes do requests, the voices behind them and the answers to them have in the API?"""

from roadmap.serializers.duplicates import DuplicatePairSerializer
from roadmap.serializers.evidence import RequestEvidenceSerializer, RequestLinkSerializer
from roadmap.serializers.gaps import AtRiskSerializer, GapSerializer
from roadmap.serializers.loop import ExcuseSerializer, ReplySerializer, RequestAnswerSerializer
from roadmap.serializers.requests import (
    AlikeSerializer,
    CustomerRequestSerializer,
    DecisionSerializer,
    MergeSerializer,
    PartedSerializer,
    QuarterSerializer,
)

__all__ = [
    "AlikeSerializer",
    "AtRiskSerializer",
    "CustomerRequestSerializer",
    "DecisionSerializer",
    "DuplicatePairSerializer",
    "ExcuseSerializer",
    "GapSerializer",
    "MergeSerializer",
    "PartedSerializer",
    "QuarterSerializer",
    "ReplySerializer",
    "RequestAnswerSerializer",
    "RequestEvidenceSerializer",
    "RequestLinkSerializer",
]
