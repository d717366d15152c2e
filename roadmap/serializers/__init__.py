"""Which shapes do requests and the voices behind them have in the API?"""

from roadmap.serializers.requests import (
    CustomerRequestSerializer,
    DecisionSerializer,
    RequestEvidenceSerializer,
)

__all__ = [
    "CustomerRequestSerializer",
    "DecisionSerializer",
    "RequestEvidenceSerializer",
]
