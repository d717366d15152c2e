"""How do contract lines, rates and renewals change, and what follows from it?"""

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
    "advance_renewal",
    "audit_ledger",
    "change_line",
    "change_revenue_settings",
    "create_renewal",
    "delete_line",
    "delete_rate",
    "derive_movements",
    "end_line",
    "set_rate",
    "sync_renewals",
]
