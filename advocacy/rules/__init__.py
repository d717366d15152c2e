"""How does a contact come to speak for us?"""

from advocacy.rules.advocates import (
    PIPELINE,
    Stage,
    next_stages,
    stage_after,
)

__all__ = [
    "PIPELINE",
    "Stage",
    "next_stages",
    "stage_after",
]
