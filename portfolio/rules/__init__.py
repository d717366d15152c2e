"""Whom should somebody look at first, and why?"""

from portfolio.rules.priority import Urgency, attention, chance_of_loss, next_action, urgency

__all__ = ["Urgency", "attention", "chance_of_loss", "next_action", "urgency"]
