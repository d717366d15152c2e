"""What does each customer pay, since when, how did it change, and what may come of it?"""

from revenue.models.contracts import ContractLine, ExchangeRate, Movement, MovementQuerySet, RevenueSettings
from revenue.models.expansion import ExpansionSettings, ExpansionTarget, Opportunity
from revenue.models.kept_months import KeptMonth, LedgerChange
from revenue.models.renewals import Call, Renewal, RenewalCall, RenewalPolicy, RenewalQuerySet
from revenue.models.risks import Risk, RiskUpdate

__all__ = [
    "Call",
    "ContractLine",
    "ExchangeRate",
    "ExpansionSettings",
    "ExpansionTarget",
    "KeptMonth",
    "LedgerChange",
    "Movement",
    "MovementQuerySet",
    "Opportunity",
    "Renewal",
    "RenewalCall",
    "RenewalPolicy",
    "RenewalQuerySet",
    "RevenueSettings",
    "Risk",
    "RiskUpdate",
]
