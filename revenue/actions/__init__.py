"""How do contract lines, rates and renewals change, and what follows from it?"""

from revenue.actions.expansion import (
    advance_opportunity,
    change_expansion_settings,
    change_opportunity,
    create_opportunity,
    delete_opportunity,
    lose_opportunity,
    set_target,
    set_targets,
    win_opportunity,
)
from revenue.actions.ledger import Derived, LedgerFault, audit_ledger, derive_movements
from revenue.actions.lines import add_line, change_line, delete_line, end_line
from revenue.actions.rates import delete_rate, set_rate
from revenue.actions.renewals import SyncedRenewals, advance_renewal, create_renewal, sync_renewals
from revenue.actions.settings import change_revenue_settings

__all__ = [
    "Derived",
    "LedgerFault",
    "SyncedRenewals",
    "add_line",
    "advance_opportunity",
    "advance_renewal",
    "audit_ledger",
    "change_expansion_settings",
    "change_line",
    "change_opportunity",
    "change_revenue_settings",
    "create_opportunity",
    "create_renewal",
    "delete_line",
    "delete_opportunity",
    "delete_rate",
    "derive_movements",
    "end_line",
    "lose_opportunity",
    "set_rate",
    "set_target",
    "set_targets",
    "sync_renewals",
    "win_opportunity",
]
