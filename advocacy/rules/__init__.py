"""Who is worth asking to speak for us, when may they be asked, and how does a contact come to do it?"""

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
