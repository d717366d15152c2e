"""What does each customer pay, since when, how did it change, and what may come of it?"""

from revenue.models.contracts import ContractLine, ExchangeRate, Movement, MovementQuerySet, Renewal, RevenueSettings
from revenue.models.expansion import ExpansionSettings, ExpansionTarget, Opportunity

__all__ = [
    "ContractLine",
    "ExchangeRate",
    "ExpansionSettings",
    "ExpansionTarget",
    "Movement",
    "MovementQuerySet",
    "Opportunity",
    "Renewal",
    "RevenueSettings",
]
