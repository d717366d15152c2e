"""How is it written down who is compared, what came of them, and what that says?"""

from playbooks.actions.effect.measuring import measure_effect
from playbooks.actions.effect.observing import observe_starts, read_outcomes

__all__ = ["measure_effect", "observe_starts", "read_outcomes"]
